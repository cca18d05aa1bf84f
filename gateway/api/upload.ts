/** Recordings that are uploaded: bounded in number, in bytes together, and in parts, before anything is made of them. */

import type { Context } from "hono";
import { filesOfForm } from "./multipart.ts";
import { httpError } from "./problem.ts";
import { bodyOf } from "./request.ts";

export const uploadLimits = {
  maxBytes: 64 << 20,
  /** A record is a header with one signal file or a few. */
  maxFiles: 16,
  /** At a time. */
  maxUploads: 2,
} as const;

/** Room for the form's own lines around the files. */
const formOverheadBytes = 64 << 10;
const maxBodyBytes = uploadLimits.maxBytes + formOverheadBytes;

interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads uploads, so many at a time and so many bytes together, over all requests. */
export function createUploads(onRefused: (reason: "uploads" | "body") => void) {
  let count = 0;
  let heldBytes = 0;

  const readBody = async (c: Context, hold: (bytes: number) => void): Promise<Uint8Array> => {
    const declared = Number(c.req.header("content-length") ?? 0);
    if (declared > maxBodyBytes) throw tooLarge();
    if (heldBytes + declared > maxBodyBytes) throw tooMany();
    hold(declared);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of bodyOf(c) ?? []) {
      size += part.length;
      if (size > maxBodyBytes) throw tooLarge();
      const beyond = Math.min(part.length, size - declared);
      if (beyond > 0 && heldBytes + beyond > maxBodyBytes) throw tooMany();
      if (beyond > 0) hold(beyond);
      parts.push(part);
    }
    return Buffer.concat(parts);
  };

  return {
    /**
     * Hands the files of a multipart form (a WFDB header with its signal file, names made harmless) to `use`, and holds its place until that has ended.
     * Throws `http.bad_upload`, `http.too_large`, `http.too_many_uploads`.
     */
    async read<T>(c: Context, use: (files: Upload[]) => Promise<T>): Promise<T> {
      let ownBytes = 0;
      const hold = (bytes: number) => {
        ownBytes += bytes;
        heldBytes += bytes;
      };
      if (count >= uploadLimits.maxUploads) throw tooMany();
      count++;
      try {
        return await use(filesOf(await readBody(c, hold), c.req.header("content-type") ?? ""));
      } finally {
        count--;
        heldBytes -= ownBytes;
      }
    },
  };

  function tooMany() {
    onRefused("uploads");
    return httpError("http.too_many_uploads", "Other files are being uploaded; try again in a moment.");
  }

  function tooLarge() {
    onRefused("body");
    return httpError("http.too_large", `The files may have ${uploadLimits.maxBytes / 2 ** 20} MB together.`);
  }
}

function filesOf(body: Uint8Array, contentType: string): Upload[] {
  const files = filesOfForm(body, contentType, uploadLimits.maxFiles);
  if (files === undefined) throw httpError("http.bad_upload", "The body is not a multipart form.");
  if (files === "too-many") throw httpError("http.bad_upload", `The form may have ${uploadLimits.maxFiles} files.`, "file");
  const upload = files.map(({ name, bytes }) => ({ name: name.split(/[/\\]/).at(-1) ?? "", bytes }));
  if (!upload.every(({ name }) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)))
    throw httpError("http.bad_upload", "File names may have letters, digits, dot, dash and underscore.", "file");
  const header = upload.find((file) => file.name.endsWith(".hea"));
  if (header === undefined || !upload.some((file) => /\.(dat|mat)$/.test(file.name)))
    throw httpError("http.bad_upload", "Choose both files of a WFDB record: NAME.hea and NAME.dat (or NAME.mat).", "file");
  return upload;
}
