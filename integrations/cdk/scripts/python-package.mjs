// Lays out the sources of the Python package layerpack-cdk for a release: the constructs, compiled by jsii, with Python classes in
// front of them. A build tool makes a wheel of it.
//
//     npm install && node scripts/python-package.mjs OUT VERSION && uv build OUT
//
// jsii and jsii-pacmak are installed here, not by package.json: whoever uses the constructs from TypeScript has no need of them.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const TOOLS = ['jsii@~5.9.54', 'jsii-pacmak@^1.140.0'];

const [out, version] = process.argv.slice(2);
if (out === undefined || version === undefined) {
  console.error('usage: python-package.mjs OUT VERSION');
  process.exit(2);
}

const here = path.resolve(import.meta.dirname, '..');
const repository = path.resolve(here, '../..');
// Below the package, where jsii finds what is installed for it.
const work = fs.mkdtempSync(path.join(here, 'out-python-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));

function run(command, args, cwd) {
  const env = { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' };
  execFileSync(command, args, { cwd, env, stdio: 'inherit', shell: process.platform === 'win32' });
}

const { devDependencies, scripts, exports, ...own } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
const { license } = own;
const source = process.env['GITHUB_REPOSITORY'] ? `https://github.com/${process.env['GITHUB_REPOSITORY']}` : undefined;
const manifest = {
  ...own,
  version,
  // jsii knows no expression of licences; it does not get any further than this folder.
  license: 'Apache-2.0',
  author: { name: 'layerpack' },
  repository: { type: 'git', url: source ?? 'file:.' },
  files: ['lib', '.jsii'],
  jsii: {
    outdir: 'dist',
    tsc: { rootDir: 'src', outDir: 'lib' },
    targets: { python: { distName: 'layerpack-cdk', module: 'layerpack_cdk' } },
  },
};
fs.writeFileSync(path.join(work, 'package.json'), JSON.stringify(manifest, null, 2));
fs.cpSync(path.join(here, 'src'), path.join(work, 'src'), { recursive: true });
fs.copyFileSync(path.join(here, 'README.md'), path.join(work, 'README.md'));

const tools = path.join(work, 'tools');
fs.mkdirSync(tools);
run('npm', ['install', '--silent', '--no-save', '--no-package-lock', '--prefix', tools, ...TOOLS], work);
const tool = (name) => path.join(tools, 'node_modules', '.bin', name);
// The versions that are asked for are the lowest that users may have, those that it is compiled with the newest: JSII6.
run(tool('jsii'), ['--silence-warnings=JSII6'], work);
run(tool('jsii-pacmak'), ['--targets', 'python', '--code-only'], work);

const python = path.join(work, 'dist', 'python');
const setup = path.join(python, 'setup.py');
const text = fs.readFileSync(setup, 'utf8');
const [before, json, after] = text.split('"""');
const kwargs = JSON.parse(json);
kwargs.license = license;
kwargs.license_files = ['LICENSE-*'];
kwargs.classifiers = kwargs.classifiers.filter((one) => !one.startsWith('License ::'));
// The program comes along; an upper bound would keep people from its mended versions.
kwargs.install_requires.push(`layerpack>=${version}`);
if (source === undefined) {
  delete kwargs.url;
  delete kwargs.project_urls;
}
fs.writeFileSync(setup, [before, `\n${JSON.stringify(kwargs, null, 4)}\n`, after].join('"""'));
fs.rmSync(path.join(python, 'LICENSE'), { force: true });
for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) {
  fs.copyFileSync(path.join(repository, name), path.join(python, name));
}
fs.cpSync(python, out, { recursive: true });
