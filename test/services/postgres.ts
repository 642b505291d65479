import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** A fresh, empty database on the tests' own server. */
export interface TestDatabase {
  readonly connectionString: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

async function serverUrl(): Promise<string> {
  const response = await fetch(inject('postgresDoor'));
  const body = await response.text();
  if (!response.ok) throw new Error(`the tests' PostgreSQL did not start: ${body}`);
  return body;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** One for each test file keeps files apart; the server is shared and started once a run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    connectionString: url.href,
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}
