/** When the timer functions of the app fired last and fire next: what was missed while no host ran is made up for. */
export const schedules = `
CREATE TABLE schedules (
  function_name TEXT PRIMARY KEY,
  last INTEGER,
  next INTEGER NOT NULL,
  last_updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
