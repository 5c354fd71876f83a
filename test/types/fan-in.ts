import { WorkflowBuilder, withId } from "../../src/index.ts";
import { both, len, lookUp, pair, say, sum } from "./vertices.ts";

const builder = new WorkflowBuilder("Wrong", lookUp);
const again = withId("Len2", len);

builder.addFanIn([lookUp, both], pair);
builder.addFanIn([len, again], sum);

// @ts-expect-error "Both, OrderLookup" sends another type than "Pair" accepts
builder.addFanIn([both, lookUp], pair);

// @ts-expect-error "Len, Len" sends a list of 2, but "Sum" accepts a list
builder.addFanIn([len, len], sum, { allowMissing: true });

// @ts-expect-error "Len, Len2, OrderLookup" sends a list of 3, but "Pair" accepts a list of 2
builder.addFanIn([len, again, lookUp], pair);

// @ts-expect-error "Len, Len2" sends a list of 2, but "Say" accepts text
builder.addFanIn([len, again], say);

// @ts-expect-error "Say" sends no message, so no edge can start there
builder.addFanIn([len, say], sum);
