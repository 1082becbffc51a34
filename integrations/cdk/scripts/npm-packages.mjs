// Lays out the npm packages of a release below a folder: one for each platform with the program layerpack in it, and
// layerpack-cdk, which names them as optional dependencies, so that npm installs the one that fits.
//
//     node scripts/npm-packages.mjs OUT VERSION linux-x64=path/to/layerpack darwin-arm64=…
//
// The names in the repository's package.json stay without them: what is not published cannot be installed.
import * as fs from 'node:fs';
import * as path from 'node:path';

const [out, version, ...programs] = process.argv.slice(2);
if (out === undefined || version === undefined || programs.length === 0) {
  console.error('usage: npm-packages.mjs OUT VERSION PLATFORM-CPU=PROGRAM…    (linux-x64, darwin-arm64, win32-x64 …)');
  process.exit(2);
}

const here = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');
// npm holds it against where the packages were built (provenance).
const repository = process.env['GITHUB_REPOSITORY'] && {
  repository: { type: 'git', url: `git+https://github.com/${process.env['GITHUB_REPOSITORY']}.git` },
};
const own = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));

const LICENSES = ['LICENSE-MIT', 'LICENSE-APACHE'];

function write(folder, manifest) {
  fs.mkdirSync(folder, { recursive: true });
  const files = [...manifest.files, ...LICENSES];
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ ...manifest, files }, null, 2)}\n`);
  for (const name of LICENSES) {
    fs.copyFileSync(path.join(here, '../..', name), path.join(folder, name));
  }
}

const platforms = programs.map((program) => {
  const [platform, file] = program.split('=');
  const [os, cpu] = platform.split('-');
  const name = `@layerpack/${platform}`;
  const folder = path.join(out, `layerpack-${platform}`);
  const executable = os === 'win32' ? 'layerpack.exe' : 'layerpack';
  const { license } = own;
  const description = `The program layerpack for ${os} on ${cpu}`;
  write(folder, { name, version, description, license, ...repository, os: [os], cpu: [cpu], files: ['bin'] });
  fs.mkdirSync(path.join(folder, 'bin'), { recursive: true });
  fs.copyFileSync(file, path.join(folder, 'bin', executable));
  fs.chmodSync(path.join(folder, 'bin', executable), 0o755);
  return name;
});

const { devDependencies, scripts, ...published } = own;
const optionalDependencies = Object.fromEntries(platforms.map((name) => [name, version]));
write(path.join(out, 'layerpack-cdk'), { ...published, ...repository, version, optionalDependencies });
for (const part of ['lib', 'README.md']) {
  fs.cpSync(path.join(here, part), path.join(out, 'layerpack-cdk', part), { recursive: true });
}
