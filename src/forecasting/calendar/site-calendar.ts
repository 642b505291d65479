import { type Calendar, createCalendar } from './calendar.ts';
import { stateOf } from './ibge.ts';
import { earlyBlackAwarenessDay, nationalDays } from './national-days.ts';
import { knowsCity, regionalDays } from './regional-days.ts';
import { listedDays, noSpecialDays, type SpecialDay, type SpecialDays } from './special-days.ts';

/** A site as far as its calendar is concerned. */
export interface SitePlace {
  readonly zone: string;
  /** IBGE code of the municipality, or null when only the zone is known. */
  readonly ibgeCode: string | null;
  /** Days that the operator named: city holidays, bridges, shutdowns. They add to what is known. */
  readonly imported?: readonly SpecialDay[];
}

/** How far the holidays of a place are known: `city` only where municipal days are, by library or import. */
export type HolidayKnowledge = 'none' | 'national' | 'state' | 'city';

const BRAZILIAN_ZONE =
  /^(Brazil\/.+|America\/(Noronha|Belem|Fortaleza|Recife|Araguaina|Maceio|Bahia|Sao_Paulo|Campo_Grande|Cuiaba|Santarem|Porto_Velho|Boa_Vista|Manaus|Eirunepe|Rio_Branco|Porto_Acre))$/;

/** The place decides, then the zone: a site abroad has no holidays of ours. */
function inBrazil(place: SitePlace): boolean {
  return place.ibgeCode !== null || BRAZILIAN_ZONE.test(place.zone);
}

export function holidayKnowledge(place: SitePlace): HolidayKnowledge {
  if (!inBrazil(place)) return 'none';
  if (place.ibgeCode === null) return 'national';
  const imported = place.imported?.some(({ kind }) => kind === 'municipal') ?? false;
  return imported || knowsCity(place.ibgeCode) ? 'city' : 'state';
}

function brazilianDays(ibgeCode: string | null): SpecialDays {
  if (ibgeCode === null) return nationalDays;
  const state = stateOf(ibgeCode);
  const regional = regionalDays(state, ibgeCode);
  return (year) => {
    const national = [...nationalDays(year), ...earlyBlackAwarenessDay(year, state, ibgeCode)];
    const full = new Set(national.filter(({ kind }) => kind !== 'half').map(({ date }) => date));
    return [...national, ...regional(year, full)];
  };
}

/**
 * The calendar of a site: national days, those of its state and city where they are known, and the imported
 * ones. A device that was sent its list of days uses {@link createCalendar} with `listedDays` instead.
 * @throws {UnknownZone | UnknownPlace | InvalidSpecialDay}
 */
export function createSiteCalendar(place: SitePlace): Calendar {
  const known = inBrazil(place) ? brazilianDays(place.ibgeCode) : noSpecialDays;
  const imported = listedDays(place.imported ?? []);
  return createCalendar({ zone: place.zone, days: (year) => [...known(year), ...imported(year)] });
}
