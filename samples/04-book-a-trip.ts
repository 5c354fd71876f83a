// A condition, a fan-out with its fan-in, and an approval for what is expensive.
import { defineExecutor, defineRequestPort, runInProcess, WorkflowBuilder } from "durable-workflows";
import { z } from "zod";

const trip = z.object({ traveller: z.string(), city: z.string(), nights: z.int().positive() });
const price = z.object({ of: z.string(), euros: z.number() });
const offer = z.object({ lines: z.array(price), total: z.number() });
const decision = z.object({ approved: z.boolean(), comment: z.string().optional() });

const checkTrip = defineExecutor({ id: "CheckTrip", input: trip, output: trip, handle: (asked) => asked });
const quoteFlight = defineExecutor({
  id: "QuoteFlight",
  input: trip,
  output: price,
  handle: ({ city }) => ({ of: `flight to ${city}`, euros: 240 }),
});
const quoteHotel = defineExecutor({
  id: "QuoteHotel",
  input: trip,
  output: price,
  handle: ({ city, nights }) => ({ of: `${nights} nights in ${city}`, euros: 110 * nights }),
});
// A fan-in sends one list: a value of each source, in the order in which addFanIn names them.
const makeOffer = defineExecutor({
  id: "MakeOffer",
  input: z.tuple([price, price]),
  output: offer,
  handle: ([flight, hotel]) => ({ lines: [flight, hotel], total: flight.euros + hotel.euros }),
});
// "requestAndResponse": the next executor gets what was asked beside what was answered.
const budgetHolder = defineRequestPort({
  id: "BudgetHolder",
  request: offer,
  response: decision,
  sends: "requestAndResponse",
});
const settle = defineExecutor({
  id: "Settle",
  input: z.object({ request: offer, response: decision }),
  output: z.string(),
  handle: ({ request, response }) =>
    response.approved ? `Booked for ${request.total} euros.` : `Not booked: ${response.comment ?? "denied"}.`,
});
const book = defineExecutor({
  id: "Book",
  input: offer,
  output: z.string(),
  handle: ({ total }) => `Booked for ${total} euros without asking.`,
});

export const bookTrip = new WorkflowBuilder("BookTrip", checkTrip)
  .describe("Books a trip, and asks whoever holds the budget above 500 euros")
  .addFanOut(checkTrip, [quoteFlight, quoteHotel])
  .addFanIn([quoteFlight, quoteHotel], makeOffer)
  .addSwitch(makeOffer, (on) => on.case(({ total }) => total > 500, budgetHolder, { label: "expensive" }).default(book))
  .addEdge(budgetHolder, settle)
  .withOutputFrom(settle, book)
  .build();

const cheap = runInProcess(bookTrip, { traveller: "Ada", city: "Turin", nights: 2 });
console.log(await cheap.output());

const expensive = runInProcess(bookTrip, { traveller: "Ada", city: "Turin", nights: 5 });
const { request, respond } = await expensive.nextRequest(budgetHolder);
console.log(`${request.total} euros?`);
await respond({ approved: true });
console.log(await expensive.output());
