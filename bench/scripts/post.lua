-- The same request again and again, of the size that a loan's has: wrk -s post.lua
wrk.method = "POST"
wrk.path = "/Loans"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer none"
wrk.body = '{"displayId":"L0000001","title":"Loan of Dunmore Stone","LoanSetup":{"loanClass":"loan.class.mortgage",' ..
  '"loanType":"loan.type.installment","loanAmount":7574.86,"loanRate":2.6358,"loanRateType":"loan.rateType.annually",' ..
  '"loanTerm":72,"contractDate":"2020-08-30","firstPaymentDate":"2020-09-06","paymentFrequency":"loan.frequency.weekly",' ..
  '"calcType":"loan.calcType.simpleInterest","daysInYear":"loan.daysInYear.actual",' ..
  '"interestApplication":"loan.interestApplication.betweenTransactions"}}'
