/** Bytes that were compressed, as they were. Rejects where they are damaged. */
export async function inflate(packed: BlobPart, format: CompressionFormat): Promise<ArrayBuffer> {
  const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format));
  return await new Response(bytes).arrayBuffer();
}
