// What Node-RED reads at its start, from the environment that node-red.ts gives it. CommonJS, because Node-RED changes what it is given.
// To run Node-RED with other settings, install the palette into a Node-RED of your own (flows/README.md).
const { closedSettings } = require("./closed-settings.ts");

const { HEARTH_ADDRESS, HEARTH_FLOWS_PORT, HEARTH_FLOWS_FOLDER, HEARTH_PALETTE, HEARTH_CREDENTIAL_SECRET } = process.env;
// Flows can read the environment; this leaves it before any of them runs.
delete process.env.HEARTH_CREDENTIAL_SECRET;

module.exports = closedSettings({
  gateway: HEARTH_ADDRESS,
  port: Number(HEARTH_FLOWS_PORT),
  userDir: HEARTH_FLOWS_FOLDER,
  palette: HEARTH_PALETTE,
  credentialSecret: HEARTH_CREDENTIAL_SECRET,
});
