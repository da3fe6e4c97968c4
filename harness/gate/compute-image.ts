/** The compute images that can be had, by the name of the distribution release whose own server they carry. */
const images: Readonly<Record<string, number>> = { 'debian:12': 15, 'debian:13': 17 };

export const computeImageNames: readonly string[] = Object.keys(images);

/** The PostgreSQL major of a compute image, undefined for an unknown name. */
export function majorOfComputeImage(name: string): number | undefined {
  return images[name];
}
