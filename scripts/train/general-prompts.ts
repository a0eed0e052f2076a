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
What is the capital of Norway?
What is the capital of Austria?
What is the capital of Poland?
What is the capital of Ireland?
What is the capital of Turkey?
What is the capital of Australia?
What is the capital of Argentina?
What is the capital of India?
What is the capital of Sweden?
What is the capital of Thailand?
Which planet is closest to the Sun?
Which planet has large rings?
What is the second largest planet?
How many seasons are there in a year?
How many weeks are there in a year?
How many fingers are on one hand?
How many legs does an insect have?
How many sides does a square have?
How many sides does a hexagon have?
How many wheels does a car have?
How many players are in a football team?
How many strings does a violin have?
What is 4 plus 4?
What is 6 plus 2?
What is 20 minus 5?
What is 9 minus 3?
What is 3 times 3?
What is 7 times 2?
What is 12 divided by 4?
What is 100 divided by 10?
What colour do you get when you mix red and yellow?
What colour do you get when you mix red and white?
What colour is a ripe tomato?
What colour is coal?
What colour is the Sun in the evening?
What is the chemical formula of table salt?
What is the chemical symbol of iron?
What is the chemical symbol of hydrogen?
What gas do plants give off?
What gas fills party balloons?
Who wrote Don Quixote?
Who wrote The Odyssey?
Who painted The Starry Night?
Who invented the telephone?
Who was the first person on the Moon?
Who discovered gravity?
Which ocean lies between Europe and America?
What is the longest river in South America?
What is the smallest continent?
Which continent is Egypt in?
Which continent is France in?
Which country has the most people?
Which country is the Colosseum in?
Which country is shaped like a boot?
What language is spoken in Germany?
What language is spoken in Mexico?
What language is spoken in Italy?
What currency is used in the United States?
What currency is used in the United Kingdom?
What do sheep give us?
What do cows give us?
What do rabbits eat?
What do pandas eat?
What is the fastest land animal?
What is the largest animal in the sea?
Which animal has a long trunk?
Which animal has black and white stripes?
Which bird can repeat words?
What is the opposite of cold?
What is the opposite of tall?
What is the opposite of full?
What is the opposite of open?
What is the opposite of rich?
What is the opposite of heavy?
What is the opposite of quiet?
What is the plural of tooth?
What is the plural of man?
What is the plural of leaf?
What is the plural of city?
What is the past tense of see?
What is the past tense of take?
What is the past tense of write?
What is the past tense of sing?
What organ do we think with?
What part of the body do we hear with?
What do we call water that falls from clouds?
What season comes after summer?
What day comes after Friday?
What day comes before Sunday?
Which month comes after June?
What is the first month of the year?
What is the tenth letter of the alphabet?
What instrument has six strings?
What instrument do you beat with sticks?
What sport uses a bat and a ball?
What sport is played on ice with a puck?
What do you use a broom for?
What do you use scissors for?
What do you use a key for?
Name a fruit that is red and round.
Name a vegetable that is orange and long.
What does a ruler measure?
What does a scale measure?
What is a baby sheep called?
What is a baby horse called?
What is a baby duck called?
What do you call a person who flies a plane?
What do you call a person who cooks in a restaurant?
What do you call a doctor for animals?
Which is smaller, a mouse or a horse?
Which is faster, a car or a bicycle?
Which is hotter, the Sun or the Moon?
What do we wear on our feet?
What do we drink in the morning?
What meal do we eat at noon?
What is ice made of?
What is bread made of?
What is paper made of?
Where do fish live?
Where do birds lay their eggs?
What is a baby cow called?
What is a baby bear called?
What do spiders spin?
What do we call a person who grows food?
What do you use a pillow for?
What do you use a ladder for?
What do you use a spoon for?
What do you use a bucket for?
What do you use an oven for?
Name an animal with a long trunk.
Name an animal with stripes.
Name a drink made from lemons.
Name a tool for cutting wood.
Which is longer, a week or a day?
Which is sweeter, honey or salt?
Which is deeper, a puddle or an ocean?
Which is higher, a hill or a mountain?
Which comes first, breakfast or dinner?
What do we wear on our hands in winter?
What do we read in the morning to learn the news?
What is a window made of?
What is a jumper made of?
What is a tyre made of?
What is wine made from?
What is flour made from?
What is chocolate made from?
Where do cows sleep?
Where do bees live?
Where do people buy bread?
Where do people borrow books?
Where does a ship stop?
What instrument do you blow into?
What sport is played with a round ball and two goals?
What game is played with kings and queens on a board?
What vehicle runs on rails?
What vehicle goes under water?
What vehicle puts out fires?
`
  .trim()
  .split("\n");
