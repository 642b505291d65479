import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { CredentialRefused, type DeviceCredentials } from '../../src/ports/device-credentials.ts';

/** What every store of device credentials must do. */
export function deviceCredentialsContract(open: () => Promise<DeviceCredentials>): void {
  let credentials: DeviceCredentials;
  beforeAll(async () => {
    credentials = await open();
  });
  const device = () => ({ deviceId: `device-${randomUUID()}`, systemId: 'site-1', tenant: 'tenant-a' });

  test('only the right secret of a known device verifies, again and again', async () => {
    const identity = device();
    await credentials.add(identity, 'right');
    for (let i = 0; i < 3; i += 1)
      expect(await credentials.verify(identity.deviceId, 'right')).toEqual(identity);
    for (const wrong of ['wrong', '', 'right ', 'ri\0ght', 'x'.repeat(10_000)]) {
      expect(await credentials.verify(identity.deviceId, wrong)).toBeNull();
    }
    expect(await credentials.verify(`x${'y'.repeat(10_000)}`, 'right')).toBeNull();
    expect(await credentials.verify('nobody', 'right')).toBeNull();
  });

  test('a new secret replaces the old one', async () => {
    const identity = device();
    await credentials.add(identity, 'old');
    expect(await credentials.verify(identity.deviceId, 'old')).toEqual(identity);
    await credentials.add(identity, 'new');
    expect(await credentials.verify(identity.deviceId, 'old')).toBeNull();
    expect(await credentials.verify(identity.deviceId, 'new')).toEqual(identity);
  });

  test('a revoked device is out at once and never comes back under its id', async () => {
    const identity = device();
    await credentials.add(identity, 'secret');
    expect(await credentials.verify(identity.deviceId, 'secret')).toEqual(identity);
    await credentials.revoke(identity.deviceId);
    expect(await credentials.verify(identity.deviceId, 'secret')).toBeNull();
    await expect(credentials.add(identity, 'secret')).rejects.toBeInstanceOf(CredentialRefused);
  });

  test('a device id cannot be moved to another site', async () => {
    const identity = device();
    await credentials.add(identity, 'secret');
    const moved = credentials.add({ ...identity, systemId: 'site-2' }, 'secret');
    await expect(moved).rejects.toBeInstanceOf(CredentialRefused);
    expect(await credentials.verify(identity.deviceId, 'secret')).toEqual(identity);
  });
}
