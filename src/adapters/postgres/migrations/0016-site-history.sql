-- Finds the streams of a site, by their first facts alone: other appends pay nothing for it.
create index event_site_streams on lifo4.event ((metadata->>'systemId'), stream_id) where version = 1;
