import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { AssetHashType, RemovalPolicy } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Architecture, Code, Function, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { PythonLayerVersion, PythonLayerVersionProps } from 'layerpack-cdk';
import { assetOf, layerVersions, namesInZip, Scratch } from './scratch';

const ONE_TARGET = { compatibleRuntimes: [Runtime.PYTHON_3_12], compatibleArchitectures: [Architecture.ARM_64] };

/** A web framework with a native part for Python 3.12, and another build of it for 3.13. */
function shop(requirements = 'web\n'): Scratch {
  const scratch = new Scratch(requirements);
  scratch.wheel({ name: 'web', version: '1.0', requires: ['templates'] });
  scratch.wheel({ name: 'templates', version: '2.0' }).wheel({ name: 'templates', version: '2.1' });
  for (const python of ['cp312', 'cp313']) {
    scratch.wheel({ name: 'loop', version: '0.9', tag: `${python}-${python}-manylinux2014_aarch64` });
  }
  scratch.wheel({ name: 'newer', version: '1.0' }).wheel({ name: 'newer', version: '2.0', requiresPython: '>=3.13' });
  return scratch;
}

function layer(scratch: Scratch, props: Partial<PythonLayerVersionProps> = {}, context = {}): PythonLayerVersion {
  const { environment, entry } = scratch;
  const bundling = { ...props.bundling, environment: { ...environment, ...props.bundling?.environment } };
  const executable = bundling.executable ?? environment['LAYERPACK_BIN'];
  return new PythonLayerVersion(scratch.stack(context), 'Layer', {
    entry,
    ...ONE_TARGET,
    ...props,
    bundling: { ...bundling, executable },
  });
}

function message(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail('nothing was refused');
}

/** Where the zip of the layer lies among the assets. */
function zipOf(scratch: Scratch, made: PythonLayerVersion): string {
  return path.join(scratch.folder, 'cdk.out', `asset.${assetOf(made.stack)}`);
}

describe('a layer version', () => {
  test('has one zip as its asset, and what was built for is declared', () => {
    const scratch = shop();
    const made = layer(scratch, {
      layerVersionName: 'pypi',
      description: 'what the app needs',
      license: 'MIT',
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Template.fromStack(made.stack).hasResource('AWS::Lambda::LayerVersion', {
      DeletionPolicy: 'Retain',
      Properties: {
        CompatibleArchitectures: ['arm64'],
        CompatibleRuntimes: ['python3.12'],
        Content: { S3Key: Match.stringLikeRegexp('^[0-9a-f]{64}\\.zip$') },
        Description: 'what the app needs',
        LayerName: 'pypi',
        LicenseInfo: 'MIT',
      },
    });
    assert.deepEqual(namesInZip(zipOf(scratch, made)).filter((name) => name.endsWith('.py')), [
      'python/templates/__init__.py',
      'python/web/__init__.py',
    ]);
  });

  test('is taken by a function of its runtime, and refused for another', () => {
    const made = layer(shop());
    const props = { code: Code.fromInline('x'), handler: 'index.handler', layers: [made] };
    new Function(made.stack, 'Fits', { ...props, runtime: Runtime.PYTHON_3_12 });
    assert.match(
      message(() => new Function(made.stack, 'Other', { ...props, runtime: Runtime.PYTHON_3_13 })),
      /incompatible/,
    );
  });

  test('keeps its asset while nothing changes, and after touch; a changed pin changes it', () => {
    const scratch = shop('web\ntemplates==2.0\n');
    const before = assetOf(layer(scratch).stack);
    assert.equal(assetOf(layer(scratch).stack), before, 'a second synth');

    const requirements = path.join(scratch.entry, 'requirements.txt');
    const later = new Date(Date.now() + 60_000);
    fs.utimesSync(requirements, later, later);
    fs.rmSync(path.join(scratch.folder, 'cdk.out'), { recursive: true });
    fs.rmSync(path.join(scratch.folder, 'cache'), { recursive: true });
    assert.equal(assetOf(layer(scratch).stack), before, 'after touch, and with nothing kept from before');

    scratch.write('requirements.txt', 'web\ntemplates==2.1\n');
    assert.notEqual(assetOf(layer(scratch).stack), before, 'another pin');
  });

  test('takes a hash in place of that of the zip', () => {
    const assetHash = 'release-7';
    const bundling = { assetHash, assetHashType: AssetHashType.CUSTOM };
    const scratch = shop();
    const before = assetOf(layer(scratch, { bundling }).stack);
    scratch.write('requirements.txt', 'templates\n');
    assert.equal(assetOf(layer(scratch, { bundling }).stack), before);
    assert.match(
      message(() => layer(scratch, { bundling: { assetHashType: AssetHashType.CUSTOM } })),
      /there is no bundling\.assetHash/,
    );
  });
});

describe('several targets', () => {
  const both = [Runtime.PYTHON_3_12, Runtime.PYTHON_3_13];

  test('with identical bytes are one layer version', () => {
    const architectures = [Architecture.ARM_64, Architecture.X86_64];
    const made = layer(shop(), { compatibleRuntimes: both, compatibleArchitectures: architectures });
    const [only, ...others] = layerVersions(made.stack);
    assert.deepEqual(others, []);
    assert.deepEqual(only?.['CompatibleRuntimes'], ['python3.12', 'python3.13']);
    assert.deepEqual(only?.['CompatibleArchitectures'], ['arm64', 'x86_64']);
  });

  test('with other bytes fail, and the packages that differ are named', () => {
    const said = message(() => layer(shop('web\nloop\nnewer\n'), { compatibleRuntimes: both }));
    assert.match(said, /is not one layer for python3\.12 · arm64 and python3\.13 · arm64: 2 packages differ\n/);
    assert.match(said, /\n  loop: loop-0\.9-cp312-\S+ on python3\.12 · arm64, loop-0\.9-cp313-\S+ on python3\.13 · arm64\n/);
    assert.match(said, /\n  newer: 1\.0 on python3\.12 · arm64, 2\.0 on python3\.13 · arm64\n/);
    assert.doesNotMatch(said, /templates/);
    assert.match(said, /PythonLayerVersionSet, which makes a layer version for each/);
  });

  test('more are declared on request, where the same packages are taken', () => {
    const made = layer(shop(), {
      alsoCompatibleRuntimes: [Runtime.PYTHON_3_13],
      alsoCompatibleArchitectures: [Architecture.X86_64],
    });
    const [only] = layerVersions(made.stack);
    assert.deepEqual(only?.['CompatibleRuntimes'], ['python3.12', 'python3.13']);
    assert.deepEqual(only?.['CompatibleArchitectures'], ['arm64', 'x86_64']);
  });

  test('more are refused where Requires-Python or a marker gives other packages', () => {
    const also = { alsoCompatibleRuntimes: [Runtime.PYTHON_3_13] };
    assert.match(
      message(() => layer(shop('newer\n'), also)),
      /cannot be declared for python3\.13 · arm64.*\n  newer: 1\.0 on python3\.12 · arm64, 2\.0 on python3\.13 · arm64$/,
    );
    assert.match(
      message(() => layer(shop('web\ntemplates; python_version < "3.13"\nnewer==1.0; python_version >= "3.13"\n'), also)),
      /\n  newer: not there on python3\.12 · arm64, newer-1\.0-\S+ on python3\.13 · arm64$|newer: not there/,
    );
  });

  test('that nobody names are refused', () => {
    const unnamed = { compatibleRuntimes: undefined, compatibleArchitectures: undefined };
    const said = message(() => layer(shop(), unnamed));
    assert.match(said, /nobody named a target/);
    assert.match(said, /Set compatibleRuntimes and compatibleArchitectures, or runtime and arch in layerpack\.toml/);
  });

  test('may be left to layerpack.toml', () => {
    const scratch = shop();
    fs.writeFileSync(path.join(scratch.folder, 'layerpack.toml'), 'runtime = "python3.13"\narch = ["arm64", "x86_64"]\n');
    const before = process.cwd();
    process.chdir(scratch.folder);
    try {
      const made = layer(scratch, { compatibleRuntimes: undefined, compatibleArchitectures: undefined });
      const [only] = layerVersions(made.stack);
      assert.deepEqual(only?.['CompatibleRuntimes'], ['python3.13']);
      assert.deepEqual(only?.['CompatibleArchitectures'], ['arm64', 'x86_64']);
    } finally {
      process.chdir(before);
    }
  });

  test('other than Python are refused', () => {
    const said = message(() => layer(shop(), { compatibleRuntimes: [Runtime.NODEJS_20_X] }));
    assert.match(said, /nodejs20\.x is no Python runtime/);
  });
});

describe('a layer on top of another', () => {
  test('has nothing of what is below, for the targets that are below', () => {
    const scratch = shop();
    const pypi = layer(scratch);
    const upper = path.join(scratch.folder, 'layers', 'upper');
    fs.mkdirSync(upper);
    fs.writeFileSync(path.join(upper, 'requirements.txt'), 'web\nloop\n');
    const made = new PythonLayerVersion(pypi.stack, 'Upper', {
      entry: upper,
      onTopOf: [pypi],
      bundling: { environment: scratch.environment, executable: scratch.environment['LAYERPACK_BIN'] },
    });
    assert.deepEqual(made.compatibleRuntimes?.map((runtime) => runtime.name), ['python3.12']);
    assert.deepEqual(layerVersions(pypi.stack).map((one) => one['CompatibleArchitectures']), [['arm64'], ['arm64']]);
    const keys = layerVersions(pypi.stack).map((one) => `asset.${String(one['Content']?.['S3Key'])}`);
    const code = keys.map((key) => namesInZip(path.join(scratch.folder, 'cdk.out', key)).filter((name) => name.endsWith('.py')));
    assert.deepEqual(code.sort(), [['python/loop/__init__.py'], ['python/templates/__init__.py', 'python/web/__init__.py']]);
  });

  test('is refused on top of what layerpack did not build', () => {
    const scratch = shop();
    const pypi = layer(scratch);
    const other = LayerVersion.fromLayerVersionArn(pypi.stack, 'Other', 'arn:aws:lambda:us-east-1:123456789012:layer:x:1');
    const props = { entry: scratch.entry, ...ONE_TARGET, onTopOf: [other] };
    assert.match(message(() => new PythonLayerVersion(pypi.stack, 'Upper', props)), /onTopOf names Stack\/Other, which layerpack did not build/);
  });
});

describe('a stack that is not synthesized', () => {
  test('has nothing built', () => {
    const scratch = shop();
    const executable = path.join(scratch.folder, 'not-there');
    const context = { 'aws:cdk:bundling-stacks': ['AnotherStack'] };
    const made = layer(scratch, { bundling: { executable } }, context);
    assert.deepEqual(made.compatibleRuntimes, [Runtime.PYTHON_3_12]);
    assert.ok(!fs.existsSync(path.join(scratch.folder, 'cache')));
    assert.match(message(() => layer(scratch, { bundling: { executable } })), /not-there, which is no program/);
  });
});

describe("the entry's own files", () => {
  test('are in the layer as the Docker-based construct copies them', () => {
    const scratch = shop();
    scratch.write('shared/__init__.py', 'x = 1\n').write('shared/data/table.csv', 'a,b\n').write('helper.py', 'y = 2\n');
    scratch.write('python/as_it_is.py', 'z = 3\n').write('opt/lib/libx.so.1', 'not really');
    scratch.write('.env', 'SECRET=1').write('.venv/lib/x.py', '').write('shared/__pycache__/x.pyc', '');
    scratch.write('notes.md', 'left out by assetExcludes');
    const made = layer(scratch, { bundling: { assetExcludes: ['*.md'] } });
    const own = namesInZip(zipOf(scratch, made)).filter((name) => !/\/(web|templates)\b/.test(name));
    assert.deepEqual(own, [
      'lib/libx.so.1',
      'python/as_it_is.py',
      'python/helper.py',
      'python/shared/__init__.py',
      'python/shared/data/table.csv',
    ]);
  });

  test('are enough for a layer', () => {
    const scratch = new Scratch();
    scratch.write('helper.py', 'y = 2\n');
    assert.deepEqual(namesInZip(zipOf(scratch, layer(scratch))), ['python/helper.py']);
  });

  test('count for the asset, and their times do not', () => {
    const scratch = shop().write('helper.py', 'y = 2\n');
    const before = assetOf(layer(scratch).stack);
    const later = new Date(Date.now() + 60_000);
    fs.utimesSync(path.join(scratch.entry, 'helper.py'), later, later);
    assert.equal(assetOf(layer(scratch).stack), before);
    assert.notEqual(assetOf(layer(scratch.write('helper.py', 'y = 3\n')).stack), before);
  });
});

describe('what cannot be built', () => {
  test('fails with what layerpack says', () => {
    const said = message(() => layer(shop('web\nnot-on-any-index\n')));
    assert.match(said, /^layerpack build \S+: exit 1\n/);
    assert.match(said, /error\[LP\d+\]:.*not-on-any-index/);
  });

  test('an entry that is not there is named', () => {
    assert.match(message(() => layer(shop(), { entry: 'no/such/folder' })), /entry .*no\/such\/folder does not exist/);
  });

  test('options of Docker are refused with what is in their place', () => {
    const withOption = (option: object) => message(() => layer(shop(), { bundling: option }));
    assert.match(withOption({ image: {} }), /bundling\.image has no effect with layerpack: nothing is built in an image/);
    assert.match(withOption({ volumes: [] }), /bundling\.volumes has no effect with layerpack: it is an option of Docker/);
  });
});
