// OHIF's ready-made site on this machine, with Orthanc's DICOMweb below the same origin.
import { createServer, request } from 'node:http';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';

const dist = new URL('./node_modules/ohif/dist/', import.meta.url).pathname;

const types = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon', '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json',
};

const config = `window.config = {
  routerBasename: '/', extensions: [], modes: [], customizationService: {}, showStudyList: true, maxNumberOfWebWorkers: 1,
  showWarningMessageForCrossOrigin: false, showCPUFallbackMessage: false, showLoadingIndicator: true, strictZSpacingForVolumeViewport: true,
  // Opens a segmentation or a report without asking.
  disableConfirmationPrompts: true,
  defaultDataSourceName: 'orthanc',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'orthanc',
    configuration: {
      friendlyName: 'Orthanc', name: 'orthanc', wadoUriRoot: '/dicom-web', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web',
      qidoSupportsIncludeField: false, imageRendering: 'wadors', thumbnailRendering: 'wadors', enableStudyLazyLoad: true,
      supportsFuzzyMatching: false, supportsWildcard: true, dicomUploadEnabled: false, bulkDataURI: { enabled: true },
    },
  }],
};`;

/** @returns {Promise<{url: string, close: () => void}>} */
export async function serve(orthanc) {
  const server = createServer((incoming, outgoing) => {
    const path = decodeURIComponent(new URL(incoming.url, 'http://localhost').pathname);
    if (path.startsWith('/dicom-web')) {
      // The Host header goes along: Orthanc makes its bulk data addresses of it.
      const forwarded = request(orthanc + incoming.url.slice(1), { method: incoming.method, headers: incoming.headers }, answer => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', error => outgoing.writeHead(502).end(String(error)));
      incoming.pipe(forwarded);
      return;
    }
    // Shared array buffers need both; the viewer decodes in workers with them.
    outgoing.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    outgoing.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (path === '/app-config.js') {
      outgoing.writeHead(200, { 'Content-Type': types['.js'] }).end(config);
      return;
    }
    let file = join(dist, normalize(path));
    if (!file.startsWith(dist) || !existsSync(file) || !statSync(file).isFile())
      file = join(dist, 'index.html');
    outgoing.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(outgoing);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}
