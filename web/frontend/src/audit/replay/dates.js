const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEK = { zh: [..."日一二三四五六"].map((day) => `周${day}`), en: "Sun Mon Tue Wed Thu Fri Sat".split(" ") };
const BEIJING = 8 * 3_600_000;

/** Days and instants as the rest of the product writes them. */
export function dates(language) {
  const english = language === "en";
  const day = (text) => {
    const [year, month, date] = text.split("-").map(Number);
    return english ? `${date} ${MONTHS[month - 1]} ${year}` : `${year}年${month}月${date}日`;
  };
  const week = (text) => WEEK[english ? "en" : "zh"][new Date(text).getUTCDay()];
  const instant = (seconds) => {
    const local = new Date(seconds * 1000 + BEIJING).toISOString();
    return `${day(local.slice(0, 10))}${english ? "," : ""} ${local.slice(11, 16)}`;
  };
  return { day, week, instant, short: (text) => text.slice(5).split("-").map(Number).join("-") };
}
