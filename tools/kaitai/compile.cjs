// Compile a Kaitai Struct description: node compile.cjs LANGUAGE[,LANGUAGE...] FOLDER FILE.ksy
// Writes the files of each language to FOLDER and prints their names; what it imports lies beside FILE.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const compiler = require("kaitai-struct-compiler");
const yaml = require("yaml");

const [languages, folder, file] = process.argv.slice(2);
const read = (name) => yaml.parse(fs.readFileSync(name, "utf8"));
const importer = {
  importYaml: (name) => Promise.resolve(read(path.join(path.dirname(file), `${name}.ksy`))),
};

async function main() {
  for (const language of languages.split(",")) {
    const files = await compiler.compile(language, read(file), importer, false);
    for (const [name, text] of Object.entries(files)) {
      const target = path.join(folder, name);
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, text);
      console.log(path.relative(folder, target));
    }
  }
}

main().catch((error) => {
  console.error(`${file}: ${error.message ?? error}`);
  process.exitCode = 1;
});
