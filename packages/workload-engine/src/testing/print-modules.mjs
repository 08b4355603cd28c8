import { registerHooks } from 'node:module';

/** Prints the names of all packages of which a module was loaded, as JSON, when the process ends. */
const packages = new Set();

registerHooks({
  load(url, context, nextLoad) {
    const [, installed, workspace] =
      /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)|\/packages\/([^/]+)\//.exec(
        url,
      ) ?? [];
    if (installed !== undefined) packages.add(installed);
    if (workspace !== undefined) packages.add(`@sai3bench/${workspace}`);
    return nextLoad(url, context);
  },
});

process.on('exit', () => {
  console.log(JSON.stringify([...packages].toSorted()));
});
