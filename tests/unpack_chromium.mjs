// Unpacks the Chromium of the npm package @sparticuz/chromium: node unpack_chromium.mjs FROM TO.
// It runs from a copy beside node_modules, so that the package's own tar-fs is found.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { extract } from "tar-fs";

const [from, to] = process.argv.slice(2);

const unpack = (name, target) =>
  pipeline(createReadStream(`${from}/${name}.br`), createBrotliDecompress(), target);

await Promise.all([
  unpack("chromium", createWriteStream(`${to}/chromium`, { mode: 0o755 })),
  unpack("al2023.tar", extract(to)),
  unpack("fonts.tar", extract(to)),
  unpack("swiftshader.tar", extract(to)),
]);
