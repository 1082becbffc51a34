import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { PythonLayerVersion } from 'layerpack-cdk';
import { LAYERPACK, layerVersions, Scratch } from './scratch';

describe('the program layerpack', () => {
  let scratch: Scratch;
  const before = { ...process.env };

  beforeEach(() => {
    scratch = new Scratch('web\n').wheel({ name: 'web', version: '1.0' });
    delete process.env['LAYERPACK_BIN'];
    // No program of this machine's.
    process.env['PATH'] = path.join(scratch.folder, 'bin');
  });

  afterEach(() => {
    process.env = { ...before };
  });

  function layer(executable?: string): PythonLayerVersion {
    return new PythonLayerVersion(scratch.stack(), 'Layer', {
      entry: scratch.entry,
      compatibleRuntimes: [Runtime.PYTHON_3_13],
      compatibleArchitectures: [Architecture.X86_64],
      bundling: { environment: scratch.environment, executable },
    });
  }

  test('that is nowhere: the error says how to install it, and Docker is not tried', () => {
    assert.throws(() => layer(), (error: Error) => {
      assert.match(error.message, /^The program layerpack, .*, is not on PATH\.\n/);
      for (const way of ['uv tool install layerpack', 'cargo install layerpack', 'npm install', 'LAYERPACK_BIN']) {
        assert.ok(error.message.includes(way), way);
      }
      assert.doesNotMatch(error.message, /spawnSync/);
      return true;
    });
  });

  test('is found on PATH', () => {
    fs.mkdirSync(process.env['PATH'] ?? '');
    fs.symlinkSync(LAYERPACK, path.join(process.env['PATH'] ?? '', path.basename(LAYERPACK)));
    assert.equal(layerVersions(layer().stack).length, 1);
  });

  test('is named by LAYERPACK_BIN, or by an option, which wins', () => {
    process.env['LAYERPACK_BIN'] = LAYERPACK;
    assert.equal(layerVersions(layer().stack).length, 1);
    process.env['LAYERPACK_BIN'] = '/no/such/program';
    assert.throws(() => layer(), /LAYERPACK_BIN names \/no\/such\/program, which is no program\n/);
    assert.equal(layerVersions(layer(LAYERPACK).stack).length, 1);
  });
});
