/** A mail server that takes every message (RFC 5321, as far as a client needs it) and keeps what it was given. No TLS: for this machine alone. */

import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";

export interface FakeSmtp {
  readonly port: number;
  /** Whole messages with their headers, oldest first. */
  readonly mails: readonly string[];
  close(): void;
}

export async function openFakeSmtp(): Promise<FakeSmtp> {
  const mails: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    const say = (line: string) => void socket.write(`${line}\r\n`);
    let rest = "";
    let mail: string[] | undefined;
    const take = (line: string) => {
      if (mail !== undefined) {
        if (line !== ".") return void mail.push(line.replace(/^\./, ""));
        mails.push(mail.join("\r\n"));
        mail = undefined;
        return say("250 taken");
      }
      const word = line.slice(0, 4).toUpperCase();
      if (word === "DATA") {
        mail = [];
        return say("354 go on");
      }
      if (word === "QUIT") return void socket.end("221 bye\r\n");
      if (word === "EHLO") return say("250-fake\r\n250 AUTH PLAIN LOGIN");
      say(word === "AUTH" ? "235 welcome" : "250 ok");
    };
    say("220 fake");
    socket.on("data", (bytes) => {
      const lines = (rest + String(bytes)).split("\r\n");
      rest = lines.pop() ?? "";
      lines.forEach(take);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    mails,
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
