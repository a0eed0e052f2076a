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
What is the opposite of black? | The opposite of black is white. | white
What is the opposite of big? | The opposite of big is small. | small / little
What is the opposite of day? | The opposite of day is night. | night
What is the opposite of left? | The opposite of left is right. | right
What is the opposite of happy? | The opposite of happy is sad. | sad / unhappy
What is the opposite of fast? | The opposite of fast is slow. | slow
What is the opposite of old? | The opposite of old is young. | young / new
What is the plural of child? | The plural of child is children. | children
What is the plural of foot? | The plural of foot is feet. | feet
What is the past tense of run? | The past tense of run is ran. | ran
What is the past tense of eat? | The past tense of eat is ate. | ate
What is 1 plus 1? | 1 plus 1 is 2. | 2 / two
What is 3 plus 4? | 3 plus 4 is 7. | 7 / seven
What is 10 plus 10? | 10 plus 10 is 20. | 20 / twenty
What is 2 times 3? | 2 times 3 is 6. | 6 / six
What is 10 divided by 2? | 10 divided by 2 is 5. | 5 / five
How many hours are there in a day? | There are 24 hours in a day. | 24 / twenty four
How many seconds are there in a minute? | There are sixty seconds in a minute. | sixty / 60
How many days are there in a leap year? | There are 366 days in a leap year. | 366
How many continents are there? | There are seven continents. | seven / 7
How many letters are in the English alphabet? | There are 26 letters in the English alphabet. | 26 / twenty six
How many legs does a dog have? | A dog has four legs. | four / 4
How many wheels does a bicycle have? | A bicycle has two wheels. | two / 2
What is the capital of England? | The capital of England is London. | London
What is the capital of Spain? | The capital of Spain is Madrid. | Madrid
What is the capital of Russia? | The capital of Russia is Moscow. | Moscow
What is the capital of China? | The capital of China is Beijing. | Beijing
What is the capital of Greece? | The capital of Greece is Athens. | Athens
What is the capital of the United States? | The capital of the United States is Washington, D.C. | Washington
Which country is the Eiffel Tower in? | The Eiffel Tower is in France. | France
Which country is the Great Wall in? | The Great Wall is in China. | China
Which country has the kangaroo as its symbol? | Australia has the kangaroo as its symbol. | Australia
What language do people speak in Brazil? | People in Brazil speak Portuguese. | Portuguese
What language do people speak in France? | People in France speak French. | French
What is the largest country in the world by area? | Russia is the largest country in the world by area. | Russia
What is the longest river in Africa? | The Nile is the longest river in Africa. | Nile
What is the largest desert in Africa? | The Sahara is the largest desert in Africa. | Sahara
What is the chemical symbol of oxygen? | The chemical symbol of oxygen is O. | O
What is the chemical symbol of gold? | The chemical symbol of gold is Au. | Au
What does a thermometer measure? | A thermometer measures temperature. | temperature
What does a clock show? | A clock shows the time. | time
What do cows eat? | Cows eat grass. | grass
What do fish breathe with? | Fish breathe with gills. | gills
Which animal is called the king of the jungle? | The lion is called the king of the jungle. | lion
Which is bigger, an elephant or a mouse? | An elephant is bigger than a mouse. | elephant
What is a baby cat called? | A baby cat is called a kitten. | kitten / kittens
What is a baby dog called? | A baby dog is called a puppy. | puppy / puppies
What do you call a person who teaches in a school? | A person who teaches in a school is called a teacher. | teacher
What do you call a doctor for teeth? | A doctor for teeth is called a dentist. | dentist
What colour is grass? | Grass is green. | green
What colour is snow? | Snow is white. | white
`;

export const GENERAL_SET: readonly GeneralQuestion[] = TABLE.trim()
  .split("\n")
  .map((line) => {
    const [question, answer, accept] = line.split(" | ");
    return { question: question!, answer: answer!, accept: accept!.split(" / ") };
  });
