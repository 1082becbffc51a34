import * as assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { PythonLayerVersionSet } from 'layerpack-cdk';
import { LAYERPACK, layerVersions, Scratch } from './scratch';

function set(context = {}): PythonLayerVersionSet {
  const scratch = new Scratch('loop\n');
  for (const python of ['cp312', 'cp313']) {
    for (const arch of ['aarch64', 'x86_64']) {
      scratch.wheel({ name: 'loop', version: '0.9', tag: `${python}-${python}-manylinux2014_${arch}` });
    }
  }
  return new PythonLayerVersionSet(scratch.stack(context), 'Layers', {
    entry: scratch.entry,
    layerVersionName: 'pypi',
    compatibleRuntimes: [Runtime.PYTHON_3_12, Runtime.PYTHON_3_13],
    compatibleArchitectures: [Architecture.ARM_64, Architecture.X86_64],
    bundling: { environment: scratch.environment, executable: LAYERPACK },
  });
}

describe('a set of layer versions', () => {
  test('has one for each target, declared for that alone', () => {
    const layers = set();
    const made = layerVersions(layers.layerVersions[0]?.stack ?? assert.fail('no layer version'));
    const declared = made.map((one) => [one['LayerName'], one['CompatibleRuntimes'], one['CompatibleArchitectures']]);
    assert.deepEqual(declared, [
      ['pypi-python3-12-arm64', ['python3.12'], ['arm64']],
      ['pypi-python3-12-x86_64', ['python3.12'], ['x86_64']],
      ['pypi-python3-13-arm64', ['python3.13'], ['arm64']],
      ['pypi-python3-13-x86_64', ['python3.13'], ['x86_64']],
    ]);
    assert.equal(new Set(made.map((one) => JSON.stringify(one['Content']))).size, 4);
  });

  test('gives the one of a function, and refuses a target that it was not built for', () => {
    const layers = set();
    const one = layers.layerVersion(Runtime.PYTHON_3_13, Architecture.ARM_64);
    assert.deepEqual(one.compatibleRuntimes, [Runtime.PYTHON_3_13]);
    assert.throws(
      () => layers.layerVersion(Runtime.PYTHON_3_11, Architecture.ARM_64),
      /has no layer version for python3\.11 · arm64: it is built for python3\.12 · arm64, python3\.12 · x86_64/,
    );
  });

  test('has nothing built for a stack that is not synthesized', () => {
    const layers = set({ 'aws:cdk:bundling-stacks': [] });
    assert.deepEqual(layers.layerVersions, []);
    assert.deepEqual(layers.layerVersion(Runtime.PYTHON_3_13, Architecture.ARM_64).compatibleRuntimes, [Runtime.PYTHON_3_13]);
  });
});
