/**
 * Plain questions that any small chat model can answer without passages: what an adapter must not unlearn. Written for this
 * purpose, common knowledge only. `accept` holds what a right answer says; `answer` is a whole sentence whose loss is measured.
 */
import type { GeneralQuestion } from "./gate-figures.ts";

/** question | a sentence that answers it | accepted key words, one way after another. */
const TABLE = `
What is the capital of France? | The capital of France is Paris. | Paris
What is the capital of Japan? | The capital of Japan is Tokyo. | Tokyo
What is the capital of Italy? | The capital of Italy is Rome. | Rome
What is the capital of Egypt? | The capital of Egypt is Cairo. | Cairo
What is the capital of Germany? | The capital of Germany is Berlin. | Berlin
Which planet is known as the Red Planet? | Mars is known as the Red Planet. | Mars
Which planet is the largest in our solar system? | Jupiter is the largest planet in our solar system. | Jupiter
What is the closest star to the Earth? | The Sun is the closest star to the Earth. | Sun
How many days are there in a week? | There are seven days in a week. | seven / 7
How many months are there in a year? | There are twelve months in a year. | twelve / 12
How many minutes are there in an hour? | There are sixty minutes in an hour. | sixty / 60
How many legs does a spider have? | A spider has eight legs. | eight / 8
How many sides does a triangle have? | A triangle has three sides. | three / 3
What is 2 plus 3? | 2 plus 3 is 5. | 5 / five
What is 10 minus 4? | 10 minus 4 is 6. | 6 / six
What is 5 times 2? | 5 times 2 is 10. | 10 / ten
What colour do you get when you mix blue and yellow? | Blue and yellow mixed make green. | green
What colour is the sky on a clear day? | On a clear day the sky is blue. | blue
What is the chemical formula of water? | The chemical formula of water is H2O. | H2O
At what temperature in degrees Celsius does water boil? | Water boils at 100 degrees Celsius. | 100
What gas do plants take in for photosynthesis? | Plants take in carbon dioxide for photosynthesis. | carbon dioxide
What gas do humans need to breathe? | Humans need to breathe oxygen. | oxygen
Who wrote Romeo and Juliet? | William Shakespeare wrote Romeo and Juliet. | Shakespeare
Who painted the Mona Lisa? | Leonardo da Vinci painted the Mona Lisa. | Leonardo Vinci
Who developed the theory of relativity? | Albert Einstein developed the theory of relativity. | Einstein
Who was the first president of the United States? | George Washington was the first president of the United States. | Washington
What is the largest ocean on Earth? | The Pacific Ocean is the largest ocean on Earth. | Pacific
What is the tallest mountain in the world? | Mount Everest is the tallest mountain in the world. | Everest
Which continent is Brazil in? | Brazil is in South America. | South America
Which continent is Kenya in? | Kenya is in Africa. | Africa
What language is spoken in Spain? | Spanish is spoken in Spain. | Spanish
What currency is used in Japan? | The yen is used in Japan. | yen
What do bees make? | Bees make honey. | honey
What animal is known as man's best friend? | The dog is known as man's best friend. | dog / dogs
What is the opposite of hot? | The opposite of hot is cold. | cold
What is the opposite of up? | The opposite of up is down. | down
What is the plural of mouse, the animal? | The plural of mouse is mice. | mice
What is the past tense of go? | The past tense of go is went. | went
What organ pumps blood through the body? | The heart pumps blood through the body. | heart
What do we call frozen water? | Frozen water is called ice. | ice
What season comes after winter? | Spring comes after winter. | spring
What day comes after Monday? | Tuesday comes after Monday. | Tuesday
Which month comes before May? | April comes before May. | April
What is the last letter of the English alphabet? | The last letter of the English alphabet is Z. | Z
What instrument has black and white keys? | The piano has black and white keys. | piano
What sport is played at Wimbledon? | Tennis is played at Wimbledon. | tennis
What do you use an umbrella for? | An umbrella keeps you dry in the rain. | rain
Name a fruit that is yellow and curved. | A banana is yellow and curved. | banana
Which bird cannot fly and lives in Antarctica? | Penguins cannot fly and live in Antarctica. | penguin / penguins
What force makes things fall to the ground? | Gravity makes things fall to the ground. | gravity
`;

export const GENERAL_SET: readonly GeneralQuestion[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [question, answer, accept] = line.split(" | ");
    return { question: question!, answer: answer!, accept: accept!.split(" / ") };
  });
