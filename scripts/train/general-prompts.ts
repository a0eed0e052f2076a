/**
 * Everyday requests without passages. The base model's own greedy answers to them are mixed into the training data, so that
 * an adapter that learns to answer from passages keeps what it was before (self-distillation against forgetting).
 * None of them stands in the gate's general set.
 */
export const GENERAL_PROMPTS: readonly string[] = `
Explain in two sentences what a bicycle is.
Give me three tips for sleeping better.
What is the difference between a lake and a river?
Write a short greeting for a colleague's birthday.
Why do leaves fall in autumn?
Name four vegetables that grow underground.
How do I boil an egg?
What is a library for?
Write one sentence about the moon.
Explain what a password is to a child.
List three kinds of weather.
What does a baker do?
How can I thank a teacher?
What is the difference between a cat and a dog?
Suggest a name for a small bookshop.
Why is exercise good for people?
What are the four seasons?
Write a polite email asking for a day off.
How does a candle burn?
What is a map used for?
Name three things found in a kitchen.
Give an example of a rhyme.
What is the purpose of a bridge?
Write a sentence with the word lantern.
What should I pack for a picnic?
Describe the taste of lemon.
What is recycling?
Why do we wear coats in winter?
Tell me a fact about whales.
What is the difference between walking and running?
Who discovered penicillin?
What is the capital of Canada?
What is the capital of Portugal?
Which metal is liquid at room temperature?
What is 7 plus 6?
What is 9 times 3?
What is the largest land animal?
Who wrote Hamlet?
What is the freezing point of water in Celsius?
What is the opposite of early?
Which continent is India in?
What do bees collect from flowers?
What is the first letter of the alphabet?
What colour are bananas?
`
  .trim()
  .split("\n");
