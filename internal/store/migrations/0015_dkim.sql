-- DKIM keys (RFC 6376): the private half is in keys, purpose dkim, as PKCS #8.
-- It is wiped (an empty secret) once the key is retired and no open issue or
-- notice needs it; the row stays, so a selector is never used twice.
create table dkim (
  key       integer primary key references keys (id),
  domain    text not null, -- d=, in A-labels
  selector  text not null, -- s=
  algorithm text not null check (algorithm in ('rsa', 'ed25519')),
  record    text not null, -- the TXT record that publishes it
  used_at   integer,       -- since when it signs new issues and notices; null: not yet
  unique (domain, selector)
) strict;

-- The keys of an issue or a notice, fixed by its first letter: one that is sent
-- again has the same signatures, whatever key was made since. Key 0 is none.
create table signings (
  notice integer not null, -- 1: letter is a notice, else an issue
  letter integer not null,
  key    integer not null,
  primary key (notice, letter, key)
) strict, without rowid;

create index signings_key on signings (key);
