import { longSuite } from "../support/long-suite.ts";
import { agree } from "./agree.ts";
import { checkAgreement, checkFolding, readCorpus } from "./check-agreement.ts";

const GRAPHS = Number(process.env.LONG_GRAPHS ?? 10_000);

longSuite("agreement", "All runners tell the same of random graphs", async ({ seed, count }) => {
  const corpus = readCorpus();
  for (const { drawn } of corpus) await agree(drawn);
  count("cases kept from earlier failures", corpus.length);
  count("random graphs", GRAPHS);
  const features = await checkAgreement({ runs: GRAPHS, seed });
  count("graphs with what in them", features.toString());
  const folded = Math.ceil(GRAPHS / 10);
  await checkFolding({ runs: folded, seed });
  count("random graphs with people who act at any moment", folded);
});
