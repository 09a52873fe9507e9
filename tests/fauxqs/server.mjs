// Starts fauxqs on a free port of this machine, writes its address, and ends when its input does,
// as it does when the tests are killed. The command `fauxqs` listens on all addresses instead.
//
// The only argument is the folder that fauxqs is installed in.

import path from "node:path";
import { pathToFileURL } from "node:url";

const app = path.join(process.argv[2], "node_modules", "fauxqs", "dist", "app.js");
const { buildApp } = await import(pathToFileURL(app));

const address = await buildApp({ logger: false }).listen({ host: "127.0.0.1", port: 0 });
process.stdin.resume().on("end", () => process.exit(0));
process.stdout.write(`${address}\n`);
