import type { SiteSettings } from '../events/site.ts';
import type { SitePlace } from '../forecasting/calendar/site-calendar.ts';

/** What of a site's settings decides its calendar. */
export const placeOf = ({ zone, ibgeCode, specialDays = [] }: SiteSettings) =>
  ({ zone, ibgeCode, imported: specialDays }) satisfies SitePlace;
