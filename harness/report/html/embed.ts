import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Text for an element or an attribute in double quotes: nothing in it is markup. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${String(sign.codePointAt(0))};`);
}

/** A value as a data element, which a script reads as JSON; no text in it can end the element. */
export function jsonElement(id: string, value: unknown): string {
  const json = JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
  return `<script type="application/json" id="${escapeHtml(id)}">${json}</script>`;
}

/** Bytes as a data element, compressed: a script unpacks them when they are wanted. */
export function packedElement(id: string, bytes: Buffer | string): string {
  const packed = gzipSync(bytes, { level: 9 }).toString('base64');
  return `<script type="application/octet-stream" id="${escapeHtml(id)}">${packed}</script>`;
}

/** What a Content-Security-Policy calls an inline script or style. */
export function cspHash(content: string): string {
  return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
}
