-- The energy price that an operator stores with the readings of a site, R$/MWh, published on the day before.
alter table lifo4.reading add column price_brl_mwh double precision;
