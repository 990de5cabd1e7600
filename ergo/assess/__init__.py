"""From motion to judgement: angles, inputs of the methods, scores, exposure over time, worst moments."""
