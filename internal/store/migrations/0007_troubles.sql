-- What needs the owner, from the moment it was found until it is over. A scope
-- is what one look can judge as a whole. told is 0 until a letter says it.
create table troubles (
  key text primary key,
  scope text not null,
  kind text not null,
  what text not null,
  since integer not null,
  told integer not null default 0
) strict, without rowid;
