/** `cdk synth` of examples/fastapi-cdk by the real CDK CLI, its packages replaced by small ones: no network is needed. */
import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, test } from 'node:test';
import { LAYERPACK, namesInZip, REPOSITORY, Scratch } from './scratch';
import { writeWheel } from './wheel';

const PACKAGE = path.join(REPOSITORY, 'integrations', 'cdk');

type Resource = { Type: string; Properties: Record<string, any> };

describe('the example', () => {
  const scratch = new Scratch();
  const example = path.join(scratch.folder, 'example');
  const requirements = path.join(example, 'src/layers/pypi/requirements.txt');

  before(() => {
    const skipped = /node_modules|cdk\.out|\.whl$/;
    fs.cpSync(path.join(REPOSITORY, 'examples/fastapi-cdk'), example, {
      recursive: true,
      filter: (file) => !skipped.test(path.relative(REPOSITORY, file)),
    });
    // As if installed: the package under test, and what it was installed with.
    const modules = path.join(example, 'node_modules');
    fs.mkdirSync(modules);
    for (const name of fs.readdirSync(path.join(PACKAGE, 'node_modules'))) {
      fs.symlinkSync(path.join(PACKAGE, 'node_modules', name), path.join(modules, name));
    }
    fs.symlinkSync(PACKAGE, path.join(modules, 'layerpack-cdk'));

    scratch.wheel({ name: 'fastapi', version: '0.1', requires: ['pydantic'] });
    scratch.wheel({ name: 'uvicorn', version: '0.2', extras: { standard: ['uvloop'] } });
    scratch.wheel({ name: 'pydantic', version: '2.0', tag: 'cp313-cp313-manylinux2014_aarch64' });
    scratch.wheel({ name: 'uvloop', version: '0.1', tag: 'cp313-cp313-manylinux_2_28_aarch64' });
    scratch.wheel({ name: 'uvloop', version: '0.2', tag: 'cp313-cp313-manylinux_2_28_aarch64' });
    writeWheel(path.join(example, 'src/layers/whl'), { name: 'local_package1', version: '0.1.0', requires: ['pydantic'] });
  });

  /** Runs `cdk synth` and gives the template. Types are checked the first time. */
  function synth(types: 'checked' | 'stripped' = 'stripped'): Record<string, Resource> {
    const cdk = path.join(PACKAGE, 'node_modules/aws-cdk/bin/cdk');
    const environment = { ...process.env, ...scratch.environment, LAYERPACK_BIN: LAYERPACK };
    const stripped = types === 'stripped' ? { TS_NODE_TRANSPILE_ONLY: 'true' } : {};
    const ran = spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--no-notices'], {
      cwd: example,
      encoding: 'utf8',
      env: { ...environment, ...stripped, HOME: scratch.folder, CDK_DISABLE_CLI_TELEMETRY: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    assert.equal(ran.status, 0, ran.stderr);
    return JSON.parse(fs.readFileSync(path.join(example, 'cdk.out/FastApi.template.json'), 'utf8')).Resources;
  }

  function properties(resources: Record<string, Resource>, type: string): Record<string, any>[] {
    return Object.values(resources).filter((one) => one.Type === type).map((one) => one.Properties);
  }

  /** What the layer versions are made of, by description. */
  function assets(resources: Record<string, Resource>): Record<string, string> {
    const layers = properties(resources, 'AWS::Lambda::LayerVersion');
    return Object.fromEntries(layers.map((one) => [one['Description'], one['Content'].S3Key]));
  }

  test('synthesizes; the layers keep their assets over two synths and touch; a pin changes one', () => {
    const resources = synth('checked');
    const [app] = properties(resources, 'AWS::Lambda::Function');
    assert.equal(app?.['Handler'], 'run.sh');
    assert.equal(app?.['Runtime'], 'python3.13');
    assert.deepEqual(app?.['Architectures'], ['arm64']);
    assert.deepEqual(app?.['Environment'].Variables, {
      AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
      AWS_LWA_PORT: '8000',
      PYTHONPATH: '/opt/python',
    });
    const layers = app?.['Layers'] as object[];
    assert.equal(layers.length, 3);
    assert.match(JSON.stringify(layers[2]), /:753240598075:layer:LambdaAdapterLayerArm64:\d+/);
    assert.equal(properties(resources, 'AWS::ApiGatewayV2::Api')[0]?.['ProtocolType'], 'HTTP');

    const script = path.join(example, 'cdk.out', `asset.${app?.['Code'].S3Key.replace('.zip', '')}`, 'run.sh');
    assert.ok(fs.statSync(script).mode & 0o111, 'run.sh is executable');

    const first = assets(resources);
    const wheels = namesInZip(path.join(example, 'cdk.out', `asset.${first['Wheels of our own']}`));
    assert.deepEqual(wheels.filter((name) => name.endsWith('.py')), ['python/local_package1/__init__.py']);

    const later = new Date(Date.now() + 60_000);
    fs.utimesSync(requirements, later, later);
    assert.deepEqual(assets(synth()), first, 'a second synth, after touch');

    fs.appendFileSync(requirements, 'uvloop==0.1\n');
    const pinned = assets(synth());
    assert.notEqual(pinned['FastAPI and uvicorn'], first['FastAPI and uvicorn']);
    assert.equal(pinned['Wheels of our own'], first['Wheels of our own']);
  });
});
