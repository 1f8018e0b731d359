-- What servers took, by the minute: the rates of an hour and of a day outlive a
-- restart. Counted in blocks before letters go, so never too low.
create table server_letters (
  server  text    not null,
  domain  text    not null, -- of the recipients; '' is all of them together
  minute  integer not null, -- since the epoch
  letters integer not null,
  primary key (server, domain, minute)
) strict, without rowid;

create index server_letters_minute on server_letters (minute);

-- How servers stand, as the process that sends wrote it last, for all others.
create table servers (
  name        text    not null primary key,
  began_at    integer not null default 0, -- of the first counted letter: the warm-up's first day
  stopped     integer not null default 0,
  limited     integer not null default 0, -- the reason is its owner's limit
  puts_off    integer not null default 0, -- it answers, and takes no letter for now
  tried       integer not null default 0, -- since its process began
  reason      text    not null default '', -- '' takes letters
  since       integer not null default 0,
  next_at     integer not null default 0,
  took_at     integer not null default 0, -- a letter was taken, and none refused since that might be the server's fault
  connections integer not null default 0, -- that it may have
  domains     text    not null default '[]', -- JSON of recipients' domains that are put off
  used        integer not null default 0 -- 1: its process said so last
) strict, without rowid;

-- Bounces wait for the verdict on the window of the server that reported them;
-- '' is any server's.
alter table bounces add column server text not null default '';
