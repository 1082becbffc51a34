/** What a release publishes, laid out and packed; the program is found in the package of this platform. */
import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { test } from 'node:test';
import { LAYERPACK, REPOSITORY, Scratch } from './scratch';

const PACKAGE = path.join(REPOSITORY, 'integrations', 'cdk');
const PLATFORM = `${process.platform}-${process.arch}`;

test('the packages of a release: the program comes with the one of this platform', () => {
  const scratch = new Scratch();
  const out = path.join(scratch.folder, 'npm');
  const script = path.join(PACKAGE, 'scripts', 'npm-packages.mjs');
  execFileSync(process.execPath, [script, out, '1.2.3', `${PLATFORM}=${LAYERPACK}`, `sunos-mips=${LAYERPACK}`]);

  const manifest = JSON.parse(fs.readFileSync(path.join(out, 'layerpack-cdk', 'package.json'), 'utf8'));
  assert.deepEqual(manifest.optionalDependencies, { [`@layerpack/${PLATFORM}`]: '1.2.3', '@layerpack/sunos-mips': '1.2.3' });
  assert.equal(manifest.devDependencies, undefined);
  const platform = JSON.parse(fs.readFileSync(path.join(out, `layerpack-${PLATFORM}`, 'package.json'), 'utf8'));
  assert.deepEqual([platform.os, platform.cpu], [[process.platform], [process.arch]]);

  // As npm lays them out beside each other.
  const modules = path.join(scratch.folder, 'node_modules');
  fs.mkdirSync(path.join(modules, '@layerpack'), { recursive: true });
  fs.renameSync(path.join(out, 'layerpack-cdk'), path.join(modules, 'layerpack-cdk'));
  fs.renameSync(path.join(out, `layerpack-${PLATFORM}`), path.join(modules, '@layerpack', PLATFORM));
  const found = execFileSync(
    process.execPath,
    ['-e', `console.log(require('./node_modules/layerpack-cdk/lib/executable.js').findLayerpack())`],
    { cwd: scratch.folder, encoding: 'utf8', env: { PATH: '' } },
  );
  const program = path.join(modules, '@layerpack', PLATFORM, 'bin', path.basename(LAYERPACK));
  assert.equal(fs.realpathSync(found.trim()), fs.realpathSync(program));
});
