// The project's mark: a grid of patches, most of them masked, one adapted.
export function Mark() {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect x="1" y="1" width="6" height="6" rx="1" fill="var(--ink)" />
      <rect x="8" y="1" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="15" y="1" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="1" y="8" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="8" y="8" width="6" height="6" rx="1" fill="var(--zstar)" />
      <rect x="15" y="8" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="1" y="15" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="8" y="15" width="6" height="6" rx="1" fill="var(--mask)" />
      <rect x="15" y="15" width="6" height="6" rx="1" fill="var(--z)" />
    </svg>
  );
}
