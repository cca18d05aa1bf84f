// Loaded before Node-RED: Node's permission model refuses fsync, and Node-RED would complain at every save. The process that started this one does it.
const fs = require("node:fs");

fs.fsync = (_descriptor, done) => done(null);
