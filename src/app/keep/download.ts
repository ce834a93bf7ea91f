// Hands bytes to the user as a file.

export function save(file: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = file;
  link.click();
  // The browser has taken the file up by the next task.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
