// Opens studies in OHIF as a person does: the images, then the segmentation, then the report, each by a double click on its
// thumbnail. `ohif.mjs OUT.json ORTHANC_URL STUDIES.json`; STUDIES.json is [{ name, study, images, segmentation, report, screenshots, tries }],
// where images is their number, and segmentation and report are Series Instance UIDs.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { frame } from './frames.mjs';
import { serve } from './ohif-site.mjs';

const [out, orthanc, list] = process.argv.slice(2);
const studies = JSON.parse(readFileSync(list, 'utf8'));
const site = await serve(orthanc);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});

const patience = { timeout: 180_000 };

/** Double-clicks a series until `opened` holds: a click that comes while OHIF still sets itself up is lost. */
async function open(page, series, opened, tries) {
  const id = await page.evaluate(uid =>
    window.services.displaySetService.getActiveDisplaySets().find(set => set.SeriesInstanceUID === uid)?.displaySetInstanceUID, series);
  if (!id)
    throw new Error(`OHIF lists no series ${series}`);
  for (let n = 1; ; n++) {
    await page.locator(`#thumbnail-${id}`).dblclick(patience);
    try {
      await page.waitForFunction(opened, id, { timeout: 30_000 });
      return id;
    } catch (error) {
      if (n === tries)
        throw error;
    }
  }
}

/** The label map as the browser holds it, on the planes of the images that it is drawn on. */
const labelmap = () => {
  const { cache, metaData } = window.cornerstone;
  return window.services.segmentationService.getSegmentations().flatMap(segmentation => segmentation.representationData.Labelmap.imageIds).map(id => {
    const plane = metaData.get('imagePlaneModule', id);
    return {
      origin: [...plane.imagePositionPatient], columns: plane.columns,
      columnStep: [...plane.rowCosines].map(v => v * plane.columnPixelSpacing), rowStep: [...plane.columnCosines].map(v => v * plane.rowPixelSpacing),
      values: [...cache.getImage(id).voxelManager.getScalarData()],
    };
  });
};

async function look(study) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const answer = { name: study.name, errors: [], images: 0, frames: [], measurements: [], shown: '' };
  page.on('console', message => message.type() === 'error' && answer.errors.push(`${message.text()} ${message.location().url}`));
  page.on('pageerror', error => answer.errors.push(String(error.stack ?? error)));
  page.on('response', response => response.status() >= 400 && answer.errors.push(`HTTP ${response.status()} ${response.url()}`));
  try {
    // The guided tour covers what is to be clicked.
    await page.addInitScript(() => localStorage.setItem('shownTours', '["basicViewerTour"]'));
    await page.goto(`${site.url}/viewer?StudyInstanceUIDs=${study.study}`, { ...patience, waitUntil: 'domcontentloaded' });
    await page.waitForFunction(() => window.cornerstone?.cache._imageCache.size > 0, null, patience);
    await page.getByText('Confirm and hide').click({ timeout: 2000 }).catch(() => { });

    await open(page, study.segmentation, () => window.services.segmentationService.getSegmentations().length > 0, study.tries);
    const loaded = () => [...window.cornerstone.cache._imageCache.keys()].filter(id => id.startsWith('wadors')).length;
    await page.waitForFunction(`(${loaded})() >= ${study.images}`, null, patience);
    answer.images = await page.evaluate(loaded);
    answer.frames = (await page.evaluate(labelmap)).map(f => frame(f.origin, f.columnStep, f.rowStep, f.columns, f.values)).filter(f => f.indices.length > 0);
    // A picture of a slice with something on it: the one in the middle.
    await page.evaluate(() => {
      const { viewportId } = window.services.viewportGridService.getState().viewports.values().next().value;
      const viewport = window.services.cornerstoneViewportService.getCornerstoneViewport(viewportId);
      return viewport.setImageIdIndex?.(Math.floor(viewport.getImageIds().length / 2));
    });
    await page.waitForTimeout(1000);
    await page.screenshot({ path: `${study.screenshots}-seg.png` });

    if (study.report) {
      const id = await open(page, study.report,
        set => window.services.displaySetService.getDisplaySetByUID(set).measurements?.some(m => m.loaded), study.tries);
      // The words beside a contour are drawn after it.
      await page.waitForFunction(() => /Area: [0-9]/.test(document.body.innerText), null, patience);
      answer.measurements = await page.evaluate(set => window.services.displaySetService.getDisplaySetByUID(set).measurements
        .map(m => ({ tracking: m.TrackingIdentifier ?? '', loaded: !!m.loaded, values: m.labels.map(l => `${l.label}: ${l.value}`) })), id);
      answer.shown = await page.evaluate(() => document.body.innerText);
      await page.screenshot({ path: `${study.screenshots}-sr.png` });
    }
  } catch (error) {
    answer.errors.push(String(error.message));
    await page.screenshot({ path: `${study.screenshots}-failed.png` }).catch(() => { });
  }
  await page.close();
  return answer;
}

const answers = [];
for (const study of studies)
  answers.push(await look(study));
writeFileSync(out, JSON.stringify(answers));
await browser.close();
site.close();
