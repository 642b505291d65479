import { join } from 'node:path';
import { type Dashboard, dashboardModel } from './dashboard.ts';
import { mlPerformance } from './ml-performance.ts';
import { pipeline } from './pipeline.ts';

/** Every page, and where its file lies. */

const FOLDER = join(import.meta.dirname, '..', 'dashboards');

export const pages: readonly Dashboard[] = [mlPerformance, pipeline];

export const fileOf = ({ uid }: Dashboard): string => join(FOLDER, `${uid}.json`);
export const contentOf = (page: Dashboard): string => `${JSON.stringify(dashboardModel(page), null, 2)}\n`;
