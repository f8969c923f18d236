// Compile a Kaitai Struct description: node compile.cjs LANGUAGE FOLDER FILE.ksy
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const compiler = require("kaitai-struct-compiler");
const yaml = require("yaml");

const [language, folder, file] = process.argv.slice(2);

compiler
  .compile(language, yaml.parse(fs.readFileSync(file, "utf8")), null, false)
  .then((files) => {
    for (const [name, text] of Object.entries(files)) {
      fs.writeFileSync(path.join(folder, name), text);
      console.log(name);
    }
  })
  .catch((error) => {
    console.error(`${file}: ${error.message ?? error}`);
    process.exitCode = 1;
  });
