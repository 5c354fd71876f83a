import { WorkflowBuilder } from "../../src/index.ts";
import {
  apologize,
  approval,
  bill,
  both,
  either,
  even,
  label,
  len,
  lookUp,
  publish,
  reader,
  review,
  rewrite,
  say,
  sendEmail,
  shout,
  split,
  tellNobody,
} from "./vertices.ts";

// One wrong edge a rule. The sentence stands behind the directive; sentences.test.ts holds the compiler's message to it.

const builder = new WorkflowBuilder("Wrong", lookUp);

// @ts-expect-error "SendEmail" needs "email", which "OrderLookup" does not send
builder.addEdge(lookUp, sendEmail);

// @ts-expect-error "Label" needs "name" and "street", which "OrderLookup" does not send
builder.addEdge(lookUp, label);

// @ts-expect-error "Bill" accepts another type of "total" than "OrderLookup" sends
builder.addEdge(lookUp, bill);

// @ts-expect-error "OrderLookup" sends an object, but "Say" accepts text
builder.addEdge(lookUp, say);

// @ts-expect-error "Len" sends a number, but "Either" accepts an object or text
builder.addEdge(len, either);

// @ts-expect-error "Len" sends another type than "Even" accepts
builder.addEdge(len, even);

// @ts-expect-error "Both" also sends messages that "Say" does not accept: narrow them with "when" or a switch
builder.addEdge(both, say);

// @ts-expect-error "Say" sends no message, so no edge can start there
builder.addEdge(say, shout);

// @ts-expect-error "Say" sends no message, so no edge can start there
builder.addEdge(say, shout, { when: () => true });

// @ts-expect-error "Split" sends an object, but "Shout" accepts text
builder.addEdge(split, shout);

// @ts-expect-error "Shout" sends text, but "Approval" accepts an object
builder.addEdge(shout, approval);

// @ts-expect-error "Approval" sends an object, but "Say" accepts text
builder.addEdge(approval, say);

// @ts-expect-error "Both" sends text, but "Reader" accepts an object
builder.addEdge(both, reader, { when: (value) => typeof value === "string" });

// @ts-expect-error "Review" also sends messages that "Rewrite" does not accept: narrow them with "when" or a switch
builder.addEdge(review, rewrite, { when: async (decision) => decision.kind === "revise" });

// A condition whose answer has no type checks the edge all the same.
// @ts-expect-error "Review" also sends messages that "Rewrite" does not accept: narrow them with "when" or a switch
builder.addEdge(review, rewrite, { when: (decision) => JSON.parse(decision.kind) });

// A guard for the other kind
// @ts-expect-error "Rewrite" needs "feedback", which "Review" does not send
builder.addEdge(review, rewrite, { when: (decision) => decision.kind === "accept" });

// A switch

// @ts-expect-error Property '"this switch needs .default(executor) or .dropRest()"' is missing
builder.addSwitch(review, (on) => on.case((decision) => decision.kind === "revise", rewrite));

builder.addSwitch(review, (on) =>
  on
    // @ts-expect-error "Publish" needs "text", which "Review" does not send
    .case((decision) => decision.kind === "revise", publish)
    .dropRest(),
);

builder.addSwitch(review, (on) =>
  on
    .case((decision) => decision.kind === "revise", rewrite)
    // @ts-expect-error "Rewrite" needs "feedback", which "Review" does not send
    .default(rewrite),
);

builder.addSwitch(both, (on) =>
  on
    .case((value) => typeof value === "string", shout)
    // @ts-expect-error "Both" sends a number, but "Say" accepts text
    .default(say),
);

// An error edge

builder.addErrorEdge(lookUp, apologize).addErrorEdge(approval, tellNobody);

// @ts-expect-error "the error edge of OrderLookup" sends an object, but "Say" accepts text
builder.addErrorEdge(lookUp, say);

// @ts-expect-error "Apologize" accepts another type of "input" than "the error edge of SendEmail" sends
builder.addErrorEdge(sendEmail, apologize);

// @ts-expect-error "Label" needs "id" and "name" and "street", which "the error edge of Shout" does not send
builder.addErrorEdge(shout, label);

// A fan-out

// @ts-expect-error "Len" sends a number, but "Say" accepts text
builder.addFanOut(len, [say]);

// @ts-expect-error "Both" also sends messages that "Say" does not accept: narrow them with "when" or a switch
builder.addFanOut(both, [shout, say]);

// @ts-expect-error the compiler's own words: say is not in the list
builder.addFanOut(shout, [len, both], { select: () => [say] });
