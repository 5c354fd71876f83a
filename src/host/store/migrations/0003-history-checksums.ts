/** See `hub/history-chain.ts`. What was written before has none. */
export const historyChecksums = `
ALTER TABLE history ADD COLUMN checksum INTEGER;
ALTER TABLE instances ADD COLUMN history_checksum INTEGER;
`;
