/** States in which a job is still to be bought. */
export const UNBOUGHT = `('pending', 'staging')`;

/** A route's id begins with its provider's. */
const REPRICED = `INSERT OR IGNORE INTO moved
      SELECT job_id FROM unbought WHERE provider = substr(NEW.route, 1, instr(NEW.route, '/') - 1);`;

/**
 * The jobs that a run has still to buy, with what each needs, beside the state and only for this connection. `moved` names
 * those that have to be looked at again; triggers write it within the transaction that moves a job, so that whatever rolls
 * back takes it along.
 *
 * `least`: what the cheapest of its choices needs that it has still before it. `elsewhere`: 1 where a further choice may be looked at, 0 where that was done, NULL where there is none.
 */
export const UNBOUGHT_TABLE = `
  CREATE TEMP TABLE IF NOT EXISTS moved (job_id INTEGER PRIMARY KEY);
  CREATE TEMP TABLE IF NOT EXISTS unbought (
    job_id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    purse INTEGER NOT NULL,
    staged INTEGER NOT NULL,
    needs INTEGER NOT NULL,
    least INTEGER NOT NULL,
    position INTEGER NOT NULL,
    elsewhere INTEGER
  );
  CREATE INDEX IF NOT EXISTS temp.unbought_needs ON unbought (provider, purse, staged, needs);
  CREATE INDEX IF NOT EXISTS temp.unbought_order ON unbought (provider, purse, staged, position, needs);
  CREATE INDEX IF NOT EXISTS temp.unbought_staged ON unbought (provider, purse, needs) WHERE staged = 1;
  CREATE INDEX IF NOT EXISTS temp.unbought_elsewhere ON unbought (provider, purse, needs) WHERE elsewhere = 1;
  CREATE INDEX IF NOT EXISTS temp.unbought_tried ON unbought (job_id) WHERE elsewhere = 0;
  DROP TRIGGER IF EXISTS temp.unbought_moves;
  DROP TRIGGER IF EXISTS temp.unbought_prices;
  CREATE TEMP TRIGGER unbought_moves AFTER UPDATE OF state, choice ON main.jobs
    WHEN (OLD.state IN ${UNBOUGHT} OR NEW.state IN ${UNBOUGHT}) AND NEW.id IN (SELECT job_id FROM selected)
  BEGIN
    INSERT OR IGNORE INTO moved VALUES (NEW.id);
  END;
  CREATE TEMP TRIGGER unbought_prices AFTER UPDATE ON main.seen_prices WHEN NEW.micros_per_second <> OLD.micros_per_second
  BEGIN
    ${REPRICED}
  END;
  DROP TRIGGER IF EXISTS temp.unbought_first_prices;
  CREATE TEMP TRIGGER unbought_first_prices AFTER INSERT ON main.seen_prices
  BEGIN
    ${REPRICED}
  END;
  DELETE FROM temp.unbought;
  DELETE FROM temp.moved;
  INSERT INTO temp.moved SELECT job_id FROM temp.selected;
`;
