import { Problem } from '../api.ts';
import { renewed, token } from '../session.ts';

/** Fetches a file with the token, which a plain link cannot carry, and hands it to the browser under `name`. */
export async function download(url: string, name: string): Promise<void> {
  // The file lies on our own origin, whatever name the service was given outside.
  const { pathname, search } = new URL(url, location.href);
  const fetchIt = () => fetch(pathname + search, { headers: { authorization: `Bearer ${token.value}` } });
  let response = await fetchIt();
  while (response.status === 401) {
    await renewed();
    response = await fetchIt();
  }
  if (!response.ok) throw new Problem(response.status, Object(await response.json().catch(() => null)));
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
