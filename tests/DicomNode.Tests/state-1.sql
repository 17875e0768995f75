-- The state as the first version made it, with one series on its way back.
CREATE TABLE series (
    series_uid TEXT PRIMARY KEY,
    study_uid  TEXT NOT NULL,
    state      TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    reason     TEXT,
    files      BIGINT NOT NULL DEFAULT 0);
CREATE TABLE origin (
    series_uid TEXT NOT NULL,
    ae_title   TEXT NOT NULL,
    PRIMARY KEY (series_uid, ae_title));
CREATE TABLE identity (
    series_uid TEXT PRIMARY KEY,
    accession  TEXT,
    patient_id TEXT);
CREATE TABLE request (
    series_uid TEXT PRIMARY KEY);
CREATE TABLE resend (
    series_uid TEXT NOT NULL,
    peer       TEXT NOT NULL,
    PRIMARY KEY (series_uid, peer));
CREATE TABLE delivery (
    series_uid TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    peer       TEXT NOT NULL,
    state      TEXT NOT NULL,
    attempts   BIGINT NOT NULL,
    detail     TEXT,
    kinds      TEXT,
    commitment TEXT,
    PRIMARY KEY (series_uid, revision, peer));
CREATE TABLE result (
    sop_instance_uid  TEXT PRIMARY KEY,
    sop_class_uid     TEXT NOT NULL,
    result_series_uid TEXT NOT NULL,
    series_uid        TEXT NOT NULL,
    revision          BIGINT NOT NULL,
    file              TEXT NOT NULL);
CREATE INDEX result_of_series ON result (series_uid, revision);
CREATE INDEX result_by_series ON result (result_series_uid);
CREATE TABLE event (
    series_uid TEXT NOT NULL,
    number     BIGINT NOT NULL,
    time       TEXT NOT NULL,
    what       TEXT NOT NULL);
CREATE INDEX event_of_series ON event (series_uid, number);

INSERT INTO series (series_uid, study_uid, state, revision, reason, files) VALUES ('1.2.3.4', '1.2.3', 'Returning', 2, NULL, 16);
INSERT INTO origin (series_uid, ae_title) VALUES ('1.2.3.4', 'MR1');
INSERT INTO delivery (series_uid, revision, peer, state, attempts, detail) VALUES ('1.2.3.4', 2, 'pacs', 'Waiting', 3, 'pacs is down');
INSERT INTO event (series_uid, number, time, what) VALUES ('1.2.3.4', 1, '2026-01-01T00:00:00.0000000+00:00', 'received from MR1');
INSERT INTO event (series_uid, number, time, what) VALUES ('1.2.3.4', 2, '2026-01-01T00:00:01.0000000+00:00', 'segmented');
