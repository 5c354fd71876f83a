import { asAgent } from "../agents/index.ts";
import { chemist, expertReview, physicist } from "./expert-review.ts";

/** ExpertReview in the part of an agent: the same graph, asked in the words of a conversation. */
const expertPanel = asAgent(expertReview, {
  id: "ExpertPanel",
  description: "A physicist and a chemist who answer together",
});

/** The agents this app serves by themselves. */
export const agents = [physicist, chemist, expertPanel];
